<%namespace name="schema" file="/triggers/schema_check.mako"/>\
-- Logs the artifacts whose summaries a statement on ${table} changes. The INSERT
-- waits for no other transaction, and commits or rolls back with the change that it logs.

create or replace function ${table}_log_changes()
    returns trigger
    language plpgsql
    security definer
    set search_path from current
as $$
declare
    changed_ids text[];
    old_ids text[];
begin
${schema.refuse_renamed_schema()}
    case tg_op
        when 'INSERT' then
            changed_ids := array(select ${artifact_key} from new_rows limit ${max_rows} + 1);
        when 'UPDATE' then
            changed_ids := array(select ${artifact_key} from new_rows limit ${max_rows} + 1);
            if cardinality(changed_ids) > ${max_rows} then
                changed_ids := array[''];
            else
                old_ids := array(select ${artifact_key} from old_rows);
                -- Both tables have their rows in the same order, so most statements log each id once.
                if old_ids <> changed_ids then
                    changed_ids := changed_ids || old_ids;
                end if;
            end if;
        when 'DELETE' then
            changed_ids := array(select ${artifact_key} from old_rows limit ${max_deleted_rows} + 1);
        when 'TRUNCATE' then
            changed_ids := array[''];
    end case;

    -- The empty id, which no artifact has, stands for all artifacts.
    if cardinality(changed_ids) = 1 then
        insert into artifact_changes (artifact_id) values (changed_ids[1]);
    elsif
        (tg_op = 'INSERT' and cardinality(changed_ids) > ${max_rows})
        or (tg_op = 'DELETE' and cardinality(changed_ids) > ${max_deleted_rows})
    then
        insert into artifact_changes (artifact_id) values ('');
    elsif cardinality(changed_ids) > 1 then
        insert into artifact_changes (artifact_id) select distinct unnest(changed_ids);
    end if;

    return null;
end;
$$;

revoke execute on function ${table}_log_changes() from public;

comment on function ${table}_log_changes() is
    'Logs the artifacts whose summaries a statement on ${table} changes.';

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
    'Logs the artifacts of inserted rows.';
comment on trigger ${table}_log_changes_on_delete on ${table} is
    'Logs the artifacts of deleted rows.';
comment on trigger ${table}_log_changes_on_update on ${table} is
    'Logs the artifacts of updated rows, before and after the update.';
comment on trigger ${table}_log_changes_on_truncate on ${table} is
    'Logs that every summary changes.';
