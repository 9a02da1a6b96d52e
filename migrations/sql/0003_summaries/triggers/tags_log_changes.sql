-- The snapshot shows tags by their names: a tag with another name changes the summaries of all who
-- have it. Who that is nobody can tell, for an artifact that is just being renamed takes its tags
-- along, unseen and without a look at the tags. So it is noted that everything has changed.

create or replace function tags_log_changes()
    returns trigger
    language plpgsql
    security definer
    set search_path from current
as $$
begin
    if tg_table_schema is distinct from current_schema() then
        raise object_not_in_prerequisite_state using
            message = format('schema %I was renamed, and its triggers were not', tg_table_schema),
            hint = 'As its owner run: skillmeat migrate check --fix';
    end if;

    insert into artifact_changes (artifact_id) values ('');
    return null;
end;
$$;

revoke execute on function tags_log_changes() from public;

comment on function tags_log_changes() is
    'Notes in artifact_changes that every summary may have changed.';

create or replace trigger tags_log_changes
    after update on tags
    for each row
    when (new.name <> old.name)
    execute function tags_log_changes();

comment on trigger tags_log_changes on tags is 'Notes that a tag has another name.';
