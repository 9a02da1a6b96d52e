-- Sets the counts of a new or renamed row of artifact_types to zero, and gives each a new key.
--
-- A dump may contain counts, but the children of a new row are counted when they are inserted. The
-- children of a renamed row follow by ON UPDATE CASCADE, and are counted again when they do.
-- Pending changes under the old key no longer belong to a row. Keys are random, because a dump of
-- another catalogue must not bring a key that is in use here.

create or replace function artifact_types_reset_counts()
    returns trigger
    language plpgsql
    security definer
    set search_path from current
as $$
begin
    new.artifact_count := 0;
    new.artifact_count_key := hashtextextended(gen_random_uuid()::text, 0);

    return new;
end;
$$;

revoke execute on function artifact_types_reset_counts() from public;

comment on function artifact_types_reset_counts() is
    'Sets the counts of a new or renamed row of artifact_types to zero, under new keys.';

create or replace trigger artifact_types_reset_counts_on_insert
    before insert on artifact_types
    for each row execute function artifact_types_reset_counts();

create or replace trigger artifact_types_reset_counts_on_rename
    before update of type on artifact_types
    for each row
    when (new.type <> old.type)
    execute function artifact_types_reset_counts();

comment on trigger artifact_types_reset_counts_on_insert on artifact_types is
    'Sets the counts of a new row to zero and ignores the given values.';
comment on trigger artifact_types_reset_counts_on_rename on artifact_types is
    'Sets the counts of a row to zero when its type changes.';
