-- A renamed row of tags starts counting anew: its children follow by ON UPDATE CASCADE
-- and are counted as they arrive, and changes pending under the old key mean nothing any more.

create function tags_restart_counts()
    returns trigger
    language plpgsql
    security definer
    set search_path from current
as $$
begin
    new.artifact_count := 0;
    new.artifact_count_key := nextval('count_keys');

    return new;
end;
$$;

revoke execute on function tags_restart_counts() from public;

comment on function tags_restart_counts() is
    'Starts the counts of a renamed row of tags anew.';

create trigger tags_restart_counts
    before update of id on tags
    for each row
    when (new.id <> old.id)
    execute function tags_restart_counts();

comment on trigger tags_restart_counts on tags is
    'Starts counting anew when id changes.';
