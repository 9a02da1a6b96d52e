-- Notes in artifact_changes whose summaries a statement on artifacts has changed.
-- An append waits for nobody, and commits or rolls back with the change that it notes.

create or replace function artifacts_log_changes()
    returns trigger
    language plpgsql
    security definer
    set search_path from current
as $$
declare
    changed text[];
    most bigint := 16384;
begin
    if tg_table_schema is distinct from current_schema() then
        raise object_not_in_prerequisite_state using
            message = format('schema %I was renamed, and its triggers were not', tg_table_schema),
            hint = 'As its owner run: skillmeat migrate check --fix';
    end if;

    case tg_op
        when 'INSERT' then
            changed := array(select id from new_rows limit most + 1);
        when 'UPDATE' then
            changed := array(select id from new_rows limit most + 1);
            if cardinality(changed) <= most then
                changed := changed || array(select id from old_rows);
                most := 2 * most;
            end if;
        when 'DELETE' then
            most := 256;
            changed := array(select id from old_rows limit most + 1);
        when 'TRUNCATE' then
            most := 0;
            changed := array[''];
    end case;

    -- No artifact has the empty id: it stands for all of them.
    if cardinality(changed) > most then
        changed := array[''];
    end if;

    if cardinality(changed) = 1 then
        insert into artifact_changes (artifact_id) values (changed[1]);
    else
        insert into artifact_changes (artifact_id) select distinct unnest(changed);
    end if;

    return null;
end;
$$;

revoke execute on function artifacts_log_changes() from public;

comment on function artifacts_log_changes() is
    'Notes in artifact_changes whose summaries a statement on artifacts has changed.';

create or replace trigger artifacts_log_changes_on_insert
    after insert on artifacts
    referencing new table as new_rows
    for each statement execute function artifacts_log_changes();

create or replace trigger artifacts_log_changes_on_delete
    after delete on artifacts
    referencing old table as old_rows
    for each statement execute function artifacts_log_changes();

create or replace trigger artifacts_log_changes_on_update
    after update on artifacts
    referencing old table as old_rows new table as new_rows
    for each statement execute function artifacts_log_changes();

create or replace trigger artifacts_log_changes_on_truncate
    after truncate on artifacts
    for each statement execute function artifacts_log_changes();

comment on trigger artifacts_log_changes_on_insert on artifacts is
    'Notes whose summaries inserted rows change.';
comment on trigger artifacts_log_changes_on_delete on artifacts is
    'Notes whose summaries deleted rows change.';
comment on trigger artifacts_log_changes_on_update on artifacts is
    'Notes whose summaries updated rows change, before and after.';
comment on trigger artifacts_log_changes_on_truncate on artifacts is
    'Notes that every summary has changed.';
