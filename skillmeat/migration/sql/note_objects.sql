-- Records the objects of the schema before a revision: the others are the revision's own.
do $note$
begin
    perform set_config('skillmeat.objects', (
        select coalesce(string_agg(o.oid::text, ','), '')
        from (
            select c.oid from pg_class as c
            where c.relnamespace = quote_ident(current_schema())::regnamespace and c.relname <> all (${new})
            union all
            select p.oid from pg_proc as p where p.pronamespace = quote_ident(current_schema())::regnamespace
            union all
            select t.oid from pg_type as t where t.typnamespace = quote_ident(current_schema())::regnamespace
        ) as o
    ), false);
end;
$note$;
