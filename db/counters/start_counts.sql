-- A row of ${parent} starts counting at zero, under a key of its own:
-- when it is inserted, whatever its counts were where it comes from, since its children are counted
-- as they arrive; and when it is renamed, since they follow by ON UPDATE CASCADE. What is pending
-- under another key means nothing to it. Keys are drawn at random, so that no dump of another
-- catalogue brings one along.

create function ${parent}_start_counts()
    returns trigger
    language plpgsql
    security definer
    set search_path from current
as $$
begin
% for c in counters:
    new.${c.count} := 0;
    new.${c.count}_key := hashtextextended(gen_random_uuid()::text, 0);
% endfor

    return new;
end;
$$;

revoke execute on function ${parent}_start_counts() from public;

comment on function ${parent}_start_counts() is
    'Starts the counts of a new or renamed row of ${parent} at zero, under keys of their own.';

create trigger ${parent}_start_counts_on_insert
    before insert on ${parent}
    for each row execute function ${parent}_start_counts();

create trigger ${parent}_start_counts_on_rename
    before update of ${parent_key} on ${parent}
    for each row
    when (new.${parent_key} <> old.${parent_key})
    execute function ${parent}_start_counts();

comment on trigger ${parent}_start_counts_on_insert on ${parent} is
    'Starts counting at zero, whatever the new row says.';
comment on trigger ${parent}_start_counts_on_rename on ${parent} is
    'Starts counting anew when ${parent_key} changes.';
