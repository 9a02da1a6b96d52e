-- Logs the artifacts whose summaries a statement on ${table} changes. The INSERT waits for no other
-- transaction, and commits or rolls back with the change that it logs.

create or replace function ${table}_record_changes()
    returns trigger
    language plpgsql
    security definer
    set search_path from current
as $$
declare
    has_more boolean;
    changed_id text;
    old_id text;
    changed_ids text[];
    old_ids text[];
begin
    if tg_table_schema is distinct from current_schema() then
        raise object_not_in_prerequisite_state using
            message = format('schema %I was renamed, but its functions name the old schema', tg_table_schema),
            hint = 'As its owner run: skillmeat migrate check --fix';
    end if;

    case tg_op
        when 'INSERT' then
            -- Most statements change one row. To append it costs less than to group rows.
            select r.${artifact_key}, exists (select from new_rows offset 1)
            into changed_id, has_more
            from new_rows as r
            limit 1;

            -- A cascade fires the trigger even if it changes no row.
            if has_more is null then
                return null;
            elsif not has_more then
                insert into artifact_changes (artifact_id) values (changed_id);
                return null;
            end if;

            changed_ids := array(select ${artifact_key} from new_rows limit ${max_rows} + 1);
            if cardinality(changed_ids) > ${max_rows} then
                changed_ids := array[''];
            end if;
        when 'DELETE' then
            -- Most statements change one row. To append it costs less than to group rows.
            select r.${artifact_key}, exists (select from old_rows offset 1)
            into changed_id, has_more
            from old_rows as r
            limit 1;

            -- A cascade fires the trigger even if it changes no row.
            if has_more is null then
                return null;
            elsif not has_more then
                insert into artifact_changes (artifact_id) values (changed_id);
                return null;
            end if;

            changed_ids := array(select ${artifact_key} from old_rows limit ${max_deleted_rows} + 1);
            if cardinality(changed_ids) > ${max_deleted_rows} then
                changed_ids := array[''];
            end if;
        when 'UPDATE' then
            select
                o.${artifact_key}, n.${artifact_key},
                o.has_more
            into old_id, changed_id, has_more
            from (
                select r.*, exists (select from old_rows offset 1) as has_more
                from old_rows as r
                limit 1
            ) as o
            cross join (select r.* from new_rows as r limit 1) as n;

            if has_more is null then
                return null;
            elsif not has_more and old_id = changed_id then
                insert into artifact_changes (artifact_id) values (changed_id);
                return null;
            end if;

            changed_ids := array(select ${artifact_key} from new_rows limit ${max_rows} + 1);
            if cardinality(changed_ids) > ${max_rows} then
                changed_ids := array[''];
            else
                -- Both tables have their rows in the same order, so most statements log each id once.
                old_ids := array(select ${artifact_key} from old_rows);
                if old_ids <> changed_ids then
                    changed_ids := changed_ids || old_ids;
                end if;
            end if;
        when 'TRUNCATE' then
            changed_ids := array[''];
    end case;

    -- The empty id, which no artifact has, stands for all artifacts.
    insert into artifact_changes (artifact_id) select distinct unnest(changed_ids);

    return null;
end;
$$;

revoke execute on function ${table}_record_changes() from public;

comment on function ${table}_record_changes() is
    'Records the changes that a statement makes to ${table} in artifact_changes.';

create or replace trigger ${table}_record_changes_on_insert
    after insert on ${table}
    referencing new table as new_rows
    for each statement execute function ${table}_record_changes();

create or replace trigger ${table}_record_changes_on_delete
    after delete on ${table}
    referencing old table as old_rows
    for each statement execute function ${table}_record_changes();

create or replace trigger ${table}_record_changes_on_update
    after update on ${table}
    referencing old table as old_rows new table as new_rows
    for each statement execute function ${table}_record_changes();

create or replace trigger ${table}_record_changes_on_truncate
    after truncate on ${table}
    for each statement execute function ${table}_record_changes();

comment on trigger ${table}_record_changes_on_insert on ${table} is
    'Records inserted rows in artifact_changes.';
comment on trigger ${table}_record_changes_on_delete on ${table} is
    'Records deleted rows in artifact_changes.';
comment on trigger ${table}_record_changes_on_update on ${table} is
    'Records updated rows in artifact_changes.';
comment on trigger ${table}_record_changes_on_truncate on ${table} is
    'Records a TRUNCATE in artifact_changes.';
