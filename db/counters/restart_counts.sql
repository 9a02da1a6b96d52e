-- A renamed row of ${parent} starts counting anew: its children follow by ON UPDATE CASCADE
-- and are counted as they arrive, and changes pending under the old key mean nothing any more.

create function ${parent}_restart_counts()
    returns trigger
    language plpgsql
    security definer
    set search_path from current
as $$
begin
% for c in counters:
    new.${c.count} := 0;
    new.${c.count}_key := nextval('count_keys');
% endfor

    return new;
end;
$$;

revoke execute on function ${parent}_restart_counts() from public;

comment on function ${parent}_restart_counts() is
    'Starts the counts of a renamed row of ${parent} anew.';

create trigger ${parent}_restart_counts
    before update of ${parent_key} on ${parent}
    for each row
    when (new.${parent_key} <> old.${parent_key})
    execute function ${parent}_restart_counts();

comment on trigger ${parent}_restart_counts on ${parent} is
    'Starts counting anew when ${parent_key} changes.';
