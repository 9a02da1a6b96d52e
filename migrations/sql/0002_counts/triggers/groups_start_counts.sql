-- A row of groups starts counting at zero, under a key of its own:
-- when it is inserted, whatever its counts were where it comes from, since its children are counted
-- as they arrive; and when it is renamed, since they follow by ON UPDATE CASCADE. What is pending
-- under another key means nothing to it. Keys are drawn at random, so that no dump of another
-- catalogue brings one along.

create function groups_start_counts()
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

revoke execute on function groups_start_counts() from public;

comment on function groups_start_counts() is
    'Starts the counts of a new or renamed row of groups at zero, under keys of their own.';

create trigger groups_start_counts_on_insert
    before insert on groups
    for each row execute function groups_start_counts();

create trigger groups_start_counts_on_rename
    before update of id on groups
    for each row
    when (new.id <> old.id)
    execute function groups_start_counts();

comment on trigger groups_start_counts_on_insert on groups is
    'Starts counting at zero, whatever the new row says.';
comment on trigger groups_start_counts_on_rename on groups is
    'Starts counting anew when id changes.';
