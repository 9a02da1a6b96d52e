-- Drops what Alembic leaves after the last downgrade: its table, and the schema if it is empty and
-- this role may create it again.
do $drop$
begin
    if to_regclass('alembic_version') is not null then
        drop table alembic_version;
    end if;
    -- The fence of a copy that has moved to another server; its triggers went with their tables.
    if to_regprocedure('refuse_writes()') is not null then
        drop function refuse_writes();
    end if;
    if current_schema() is null or current_schema() = 'public' then
        return;
    end if;
    if not has_database_privilege(current_database(), 'create') then
        raise notice 'schema % stays: % could not create it again', current_schema(), current_user;
        return;
    end if;
    begin
        execute format('drop schema %I restrict', current_schema());
    exception
        when dependent_objects_still_exist then
            raise notice 'schema % stays: it holds other objects', current_schema();
        when insufficient_privilege then
            raise notice 'schema % stays: it belongs to another role', current_schema();
    end;
end;
$drop$;
