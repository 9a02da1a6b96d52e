-- A renamed row of ${parent} starts counting anew: its children follow by ON UPDATE CASCADE
-- and are counted as they arrive, and changes pending under the old key mean nothing any more.

create function ${parent}_restart_counts()
    returns trigger
    language plpgsql
    security definer
    set search_path from current
as $$
begin
    -- The children of a row that is giving this key up in the same statement have not left yet.
% for c in counters:
    if exists (select from ${c.child} as c where c.${c.child_key} = new.${c.parent_key}) then
        raise unique_violation using
            message = format('key %L of ${parent} is not free', new.${parent_key}),
            hint = 'Rename the row that holds it first, in a statement of its own.';
    end if;
% endfor

% for c in counters:
    new.${c.count} := 0;
    new.${c.count}_key := nextval('count_keys');
% endfor

    return new;
end;
$$;

comment on function ${parent}_restart_counts() is
    'Starts the counts of a renamed row of ${parent} anew.';

create trigger ${parent}_restart_counts
    before update of ${parent_key} on ${parent}
    for each row
    when (new.${parent_key} <> old.${parent_key})
    execute function ${parent}_restart_counts();

comment on trigger ${parent}_restart_counts on ${parent} is
    'Starts counting anew when ${parent_key} changes.';
