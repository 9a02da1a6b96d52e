-- Logs that every summary changes when a tag gets another name. The snapshot holds the names of
-- tags, and the artifacts that have this tag cannot be listed: a concurrent transaction that
-- renames an artifact moves its tags along, and neither transaction sees the other.

create or replace function tags_log_changes()
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

revoke execute on function tags_log_changes() from public;

comment on function tags_log_changes() is
    'Logs in artifact_changes that every summary may change.';

create or replace trigger tags_log_changes
    after update on tags
    for each row
    when (new.name <> old.name)
    execute function tags_log_changes();

comment on trigger tags_log_changes on tags is
    'Logs that every summary changes when a tag gets another name.';
