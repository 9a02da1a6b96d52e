-- Sets the counts of a new or renamed row of ${parent} to zero, and gives each a new key.
--
-- A dump may contain counts, but the children of a new row are counted when they are inserted. The
-- children of a renamed row follow by ON UPDATE CASCADE, and are counted again when they do.
-- Pending changes under the old key no longer belong to a row. Keys are random, because a dump of
-- another catalogue must not bring a key that is in use here.

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
    'Sets the counts of a new row to zero and ignores the given values.';
comment on trigger ${parent}_reset_counts_on_rename on ${parent} is
    'Sets the counts of a row to zero when its ${parent_key} changes.';
