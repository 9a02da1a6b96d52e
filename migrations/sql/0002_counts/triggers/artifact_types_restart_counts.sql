-- A renamed row of artifact_types starts counting anew: its children follow by ON UPDATE CASCADE
-- and are counted as they arrive, and changes pending under the old key mean nothing any more.

create function artifact_types_restart_counts()
    returns trigger
    language plpgsql
    security definer
    set search_path from current
as $$
begin
    -- The children of a row that is giving this key up in the same statement have not left yet.
    if exists (select from artifacts as c where c.type = new.type) then
        raise unique_violation using
            message = format('key %L of artifact_types is not free', new.type),
            hint = 'Rename the row that holds it first, in a statement of its own.';
    end if;

    new.artifact_count := 0;
    new.artifact_count_key := nextval('count_keys');

    return new;
end;
$$;

comment on function artifact_types_restart_counts() is
    'Starts the counts of a renamed row of artifact_types anew.';

create trigger artifact_types_restart_counts
    before update of type on artifact_types
    for each row
    when (new.type <> old.type)
    execute function artifact_types_restart_counts();

comment on trigger artifact_types_restart_counts on artifact_types is
    'Starts counting anew when type changes.';
