-- Gives back what a dropped view took with it.

do $grant$
declare
    role text;
begin
    for role in
        select r.rolname
        from pg_roles as r
        where r.rolname in (current_schema() || '_app', current_schema() || '_reader')
    loop
        execute format('grant select on group_summaries to %I', role);
    end loop;
end;
$grant$;
