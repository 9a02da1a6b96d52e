-- Revokes what roles.sql granted. The roles stay if another database of this server, or another
-- schema, still refers to them.

do $revoke$
declare
    role text;
begin
    foreach role in array array[current_schema() || '_app', current_schema() || '_reader'] loop
        continue when not exists (select from pg_roles where rolname = role);

        execute format('revoke all on all tables in schema %I from %I', current_schema(), role);
        execute format('revoke all on all sequences in schema %I from %I', current_schema(), role);
        execute format('revoke all on all functions in schema %I from %I', current_schema(), role);
        execute format('revoke all on schema %I from %I', current_schema(), role);

        -- Apart from the role, which may stay.
        begin
            execute format('alter role %I in database %I reset search_path', role, current_database());
            execute format('alter role %I in database %I reset jit', role, current_database());
        exception
            when insufficient_privilege then
                -- Another role has set this.
                null;
        end;

        begin
            execute format('drop role %I', role);
        exception
            when dependent_objects_still_exist or insufficient_privilege or object_in_use then
                raise notice 'role % stays: it is used elsewhere, or % may not drop it',
                    role, current_user;
        end;
    end loop;
end;
$revoke$;
