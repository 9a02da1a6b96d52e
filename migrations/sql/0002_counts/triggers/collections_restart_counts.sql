-- A renamed row of collections starts counting anew: its children follow by ON UPDATE CASCADE
-- and are counted as they arrive, and changes pending under the old key mean nothing any more.

create function collections_restart_counts()
    returns trigger
    language plpgsql
    security definer
    set search_path from current
as $$
begin
    new.artifact_count := 0;
    new.artifact_count_key := nextval('count_keys');
    new.group_count := 0;
    new.group_count_key := nextval('count_keys');

    return new;
end;
$$;

revoke execute on function collections_restart_counts() from public;

comment on function collections_restart_counts() is
    'Starts the counts of a renamed row of collections anew.';

create trigger collections_restart_counts
    before update of id on collections
    for each row
    when (new.id <> old.id)
    execute function collections_restart_counts();

comment on trigger collections_restart_counts on collections is
    'Starts counting anew when id changes.';
