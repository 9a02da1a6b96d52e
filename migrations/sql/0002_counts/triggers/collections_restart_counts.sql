-- A renamed row of collections starts counting anew: its children follow by ON UPDATE CASCADE
-- and are counted as they arrive, and changes pending under the old key mean nothing any more.

create function collections_restart_counts()
    returns trigger
    language plpgsql
    security definer
    set search_path from current
as $$
begin
    -- The children of a row that is giving this key up in the same statement have not left yet.
    if exists (select from collection_artifacts as c where c.collection_id = new.id) then
        raise unique_violation using
            message = format('key %L of collections is not free', new.id),
            hint = 'Rename the row that holds it first, in a statement of its own.';
    end if;
    if exists (select from groups as c where c.collection_id = new.id) then
        raise unique_violation using
            message = format('key %L of collections is not free', new.id),
            hint = 'Rename the row that holds it first, in a statement of its own.';
    end if;

    new.artifact_count := 0;
    new.artifact_count_key := nextval('count_keys');
    new.group_count := 0;
    new.group_count_key := nextval('count_keys');

    return new;
end;
$$;

comment on function collections_restart_counts() is
    'Starts the counts of a renamed row of collections anew.';

create trigger collections_restart_counts
    before update of id on collections
    for each row
    when (new.id <> old.id)
    execute function collections_restart_counts();

comment on trigger collections_restart_counts on collections is
    'Starts counting anew when id changes.';
