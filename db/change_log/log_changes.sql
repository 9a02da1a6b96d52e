<%namespace name="schema" file="/triggers/own_schema.mako"/>\
-- Notes in artifact_changes whose summaries a statement on ${table} has changed.
-- An append waits for nobody, and commits or rolls back with the change that it notes.

create or replace function ${table}_log_changes()
    returns trigger
    language plpgsql
    security definer
    set search_path from current
as $$
declare
    changed text[];
    most bigint := ${max_rows};
begin
${schema.refuse_renamed()}
    case tg_op
        when 'INSERT' then
            changed := array(select ${artifact_key} from new_rows limit most + 1);
        when 'UPDATE' then
            changed := array(select ${artifact_key} from new_rows limit most + 1);
            if cardinality(changed) <= most then
                changed := changed || array(select ${artifact_key} from old_rows);
                most := 2 * most;
            end if;
        when 'DELETE' then
            most := ${max_deleted_rows};
            changed := array(select ${artifact_key} from old_rows limit most + 1);
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

revoke execute on function ${table}_log_changes() from public;

comment on function ${table}_log_changes() is
    'Notes in artifact_changes whose summaries a statement on ${table} has changed.';

create or replace trigger ${table}_log_changes_on_insert
    after insert on ${table}
    referencing new table as new_rows
    for each statement execute function ${table}_log_changes();

create or replace trigger ${table}_log_changes_on_delete
    after delete on ${table}
    referencing old table as old_rows
    for each statement execute function ${table}_log_changes();

create or replace trigger ${table}_log_changes_on_update
    after update on ${table}
    referencing old table as old_rows new table as new_rows
    for each statement execute function ${table}_log_changes();

create or replace trigger ${table}_log_changes_on_truncate
    after truncate on ${table}
    for each statement execute function ${table}_log_changes();

comment on trigger ${table}_log_changes_on_insert on ${table} is
    'Notes whose summaries inserted rows change.';
comment on trigger ${table}_log_changes_on_delete on ${table} is
    'Notes whose summaries deleted rows change.';
comment on trigger ${table}_log_changes_on_update on ${table} is
    'Notes whose summaries updated rows change, before and after.';
comment on trigger ${table}_log_changes_on_truncate on ${table} is
    'Notes that every summary has changed.';
