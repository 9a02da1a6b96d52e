-- Revokes what ALTER DEFAULT PRIVILEGES or an event trigger granted on the objects of this revision,
-- and turns row level security off there. The revision grants its privileges afterwards.
do $revoke$
declare
    existing constant oid[] := string_to_array(current_setting('skillmeat.objects'), ',')::oid[];
    each record;
    reported constant text[] := 
        coalesce(nullif(current_setting('skillmeat.revoked_from', true), ''), '{}')::text[];
    others text[] := '{}';
    hidden text[] := '{}';
begin
    for each in
        select distinct
            case when c.relkind = 'S' then 'sequence' else 'table' end as kind,
            c.oid::regclass::text as name,
            g.grantee
        from pg_class as c
        left join pg_attribute as a on a.attrelid = c.oid and a.attacl is not null
        cross join lateral (
            select e.grantee from aclexplode(c.relacl) as e
            union
            select e.grantee from aclexplode(a.attacl) as e
        ) as g
        where
            c.relnamespace = quote_ident(current_schema())::regnamespace
            and c.relkind in ('r', 'v', 'm', 'S')
            and c.oid <> all (existing)
            and g.grantee <> c.relowner
        union all
        select distinct 'function', p.oid::regprocedure::text, g.grantee
        from pg_proc as p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as g
        where
            p.pronamespace = quote_ident(current_schema())::regnamespace
            and p.oid <> all (existing)
            and g.grantee <> p.proowner
        union all
        -- PUBLIC may use a type by default, which opens no row.
        select distinct 'domain', t.oid::regtype::text, g.grantee
        from pg_type as t, aclexplode(t.typacl) as g
        where
            t.typnamespace = quote_ident(current_schema())::regnamespace
            and t.typtype = 'd'
            and t.oid <> all (existing)
            and g.grantee not in (t.typowner, 0)
    loop
        execute format(
            'revoke all on %s %s from %s cascade', each.kind, each.name,
            case each.grantee when 0 then 'public' else each.grantee::regrole::text end
        );
        if each.kind <> 'function' or each.grantee <> 0 then
            others := others
                || case each.grantee when 0 then 'public' else each.grantee::regrole::text end;
        end if;
    end loop;

    for each in
        select c.oid::regclass::text as name
        from pg_class as c
        where
            c.relnamespace = quote_ident(current_schema())::regnamespace
            and c.relkind = 'r'
            and c.oid <> all (existing)
            and (c.relrowsecurity or c.relforcerowsecurity)
    loop
        execute format(
            'alter table %s disable row level security, no force row level security', each.name
        );
        hidden := hidden || each.name;
    end loop;
    if hidden <> '{}' then
        raise notice 'row level security, which this database turned on for new tables, is off again: %',
            array_to_string(hidden, ', ');
    end if;

    -- A role is named once in a session, not by each revision.
    select array_agg(distinct o order by o) into others
    from unnest(others) as o
    where o <> all (reported);
    if others <> '{}' then
        raise notice 'privileges that this database grants on new objects were revoked from %',
            array_to_string(others, ', ');
        perform set_config('skillmeat.revoked_from', (reported || others)::text, false);
    end if;
end;
$revoke$;
