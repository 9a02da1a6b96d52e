-- Sets the counts of a new or renamed row of ${parent} to zero, and gives each a new key.
--
-- A new row may come from a dump with counts in it, but its children are counted as they arrive.
-- The children of a renamed row follow by ON UPDATE CASCADE and are counted as they arrive, too.
-- Changes that are pending under the old key are for no row. Keys are random, so that no dump of
-- another catalogue brings one that is in use here.

create or replace function ${parent}_reset_counts()
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

revoke execute on function ${parent}_reset_counts() from public;

comment on function ${parent}_reset_counts() is
    'Sets the counts of a new or renamed row of ${parent} to zero, under new keys.';

create or replace trigger ${parent}_reset_counts_on_insert
    before insert on ${parent}
    for each row execute function ${parent}_reset_counts();

create or replace trigger ${parent}_reset_counts_on_rename
    before update of ${parent_key} on ${parent}
    for each row
    when (new.${parent_key} <> old.${parent_key})
    execute function ${parent}_reset_counts();

comment on trigger ${parent}_reset_counts_on_insert on ${parent} is
    'Sets the counts of a new row to zero, whatever the row says.';
comment on trigger ${parent}_reset_counts_on_rename on ${parent} is
    'Sets the counts of a row to zero when its ${parent_key} changes.';
