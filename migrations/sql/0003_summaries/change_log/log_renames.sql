-- Logs that every summary changes when a row of ${table} gets another name, by which the snapshot
-- holds or sorts it. The artifacts of the row cannot be listed: a concurrent transaction that
-- renames an artifact moves its ${table} along, and neither transaction sees the other.

create or replace function ${table}_log_changes()
    returns trigger
    language plpgsql
    security definer
    set search_path from current
as $$
begin
    if tg_table_schema is distinct from current_schema() then
        raise object_not_in_prerequisite_state using
            message = format('schema %I was renamed, but its functions name the old schema', tg_table_schema),
            hint = 'As its owner run: skillmeat migrate check --fix';
    end if;

    insert into artifact_changes (artifact_id) values ('');
    return null;
end;
$$;

revoke execute on function ${table}_log_changes() from public;

comment on function ${table}_log_changes() is
    'Logs in artifact_changes that every summary may change.';

create or replace trigger ${table}_log_changes
    after update of name on ${table}
    for each row
    when (new.name <> old.name)
    execute function ${table}_log_changes();

comment on trigger ${table}_log_changes on ${table} is
    'Logs that every summary changes when a row gets another name.';
