-- Deletes the texts that no version refers to any more.
--
-- Several artifacts may share a text. Two sessions that delete the last two versions of a text each
-- see the version of the other one. So the first statement locks the texts, in the order of their
-- hashes, and the second statement reads the versions in a later snapshot. An import that adds a
-- version of an existing text locks the text FOR KEY SHARE first.

create or replace function artifact_versions_delete_contents()
    returns trigger
    language plpgsql
    security definer
    set search_path from current
    set row_security = off
as $$
begin
    if tg_op = 'TRUNCATE' then
        delete from artifact_contents;
        return null;
    end if;

    perform
    from artifact_contents as c
    where c.content_hash in (select o.content_hash from old_rows as o)
    order by c.content_hash
    for update;

    if found then
        delete from artifact_contents as c
        where
            c.content_hash in (select o.content_hash from old_rows as o)
            and not exists (
                select from artifact_versions as v where v.content_hash = c.content_hash
            );
    end if;

    return null;
end;
$$;

revoke execute on function artifact_versions_delete_contents() from public;

comment on function artifact_versions_delete_contents() is
    'Deletes the texts that no version refers to any more.';

create or replace trigger artifact_versions_delete_contents_on_delete
    after delete on artifact_versions
    referencing old table as old_rows
    for each statement
    execute function artifact_versions_delete_contents();

create or replace trigger artifact_versions_delete_contents_on_update
    after update on artifact_versions
    referencing old table as old_rows
    for each statement
    execute function artifact_versions_delete_contents();

create or replace trigger artifact_versions_delete_contents_on_truncate
    after truncate on artifact_versions
    for each statement
    execute function artifact_versions_delete_contents();

comment on trigger artifact_versions_delete_contents_on_delete on artifact_versions is
    'Deletes the texts of the deleted versions that no other version refers to.';

comment on trigger artifact_versions_delete_contents_on_update on artifact_versions is
    'Deletes the texts of the former hashes that no version refers to.';

comment on trigger artifact_versions_delete_contents_on_truncate on artifact_versions is
    'Deletes all texts.';
