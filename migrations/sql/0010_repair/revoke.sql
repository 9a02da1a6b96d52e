-- Takes back what this revision granted on a table that stays.

do $revoke$
declare
    role text;
begin
    for role in
        select r.rolname
        from pg_roles as r
        where r.rolname in (current_schema() || '_app', current_schema() || '_reader')
    loop
        execute format('revoke select on alembic_version from %I', role);
    end loop;
end;
$revoke$;
