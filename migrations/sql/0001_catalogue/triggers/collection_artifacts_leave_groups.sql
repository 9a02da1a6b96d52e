-- Removes an artifact that moves to another collection from the groups of the old one. When a
-- collection is renamed, its memberships follow and no collection has the old key. The trigger then
-- removes nothing.

create or replace function collection_artifacts_leave_groups()
    returns trigger
    language plpgsql
    security definer
    set search_path from current
    set row_security = off
as $$
begin
    delete from group_artifacts as g
    where
        g.collection_id = old.collection_id
        and g.artifact_id = old.artifact_id
        and exists (select from collections as c where c.id = old.collection_id);
    return new;
end;
$$;

revoke execute on function collection_artifacts_leave_groups() from public;

comment on function collection_artifacts_leave_groups() is
    'Removes an artifact that moves to another collection from the groups of the old one.';

create or replace trigger collection_artifacts_leave_groups
    before update of collection_id on collection_artifacts
    for each row
    when (new.collection_id <> old.collection_id)
    execute function collection_artifacts_leave_groups();

comment on trigger collection_artifacts_leave_groups on collection_artifacts is
    'Removes an artifact from the groups of the collection that it leaves.';
