-- The snapshot shows tags by their names: a tag with another name changes the summaries of all who
-- have it. Its row is locked by now as a key is, so that nobody can give it to another artifact;
-- who has done so is visible, unless this transaction's snapshot is older.

create function tags_log_changes()
    returns trigger
    language plpgsql
    security definer
    set search_path from current
as $$
declare
    most constant bigint := 16384;
    changed text[];
begin
    if current_setting('transaction_isolation') = 'read committed' then
        changed := array(
            select x.artifact_id from artifact_tags as x where x.tag_id = new.id limit most + 1
        );
    end if;

    -- No artifact has the empty id: it stands for all of them.
    if cardinality(changed) <= most then
        insert into artifact_changes (artifact_id) select unnest(changed);
    else
        insert into artifact_changes (artifact_id) values ('');
    end if;

    return null;
end;
$$;

revoke execute on function tags_log_changes() from public;

comment on function tags_log_changes() is
    'Notes in artifact_changes who has a tag that is named anew.';

create trigger tags_log_changes
    after update of name on tags
    for each row
    when (new.name <> old.name)
    execute function tags_log_changes();

comment on trigger tags_log_changes on tags is 'Notes whose summaries a new name changes.';
