-- A renamed row of artifact_types starts counting anew: its children follow by ON UPDATE CASCADE
-- and are counted as they arrive, and changes pending under the old key mean nothing any more.

create function artifact_types_restart_counts()
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

revoke execute on function artifact_types_restart_counts() from public;

comment on function artifact_types_restart_counts() is
    'Starts the counts of a renamed row of artifact_types anew.';

create trigger artifact_types_restart_counts
    before update of type on artifact_types
    for each row
    when (new.type <> old.type)
    execute function artifact_types_restart_counts();

comment on trigger artifact_types_restart_counts on artifact_types is
    'Starts counting anew when type changes.';
