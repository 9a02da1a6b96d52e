-- Sets updated_at when a row is edited, unless the statement sets it. The triggers list the
-- columns of an edit, so a change of a count does not set updated_at.

create or replace function set_updated_at()
    returns trigger
    language plpgsql
    set search_path from current
as $$
begin
    -- Transactions may start in one microsecond, but no two edits of a row may share a time: a
    -- client that sends it in If-Match would overwrite the second edit.
    new.updated_at := greatest(now(), old.updated_at + interval '1 microsecond');
    return new;
end;
$$;

revoke execute on function set_updated_at() from public;

comment on function set_updated_at() is
    'Sets updated_at to the time of the transaction, or just after the last edit of the row.';

create or replace trigger artifacts_set_updated_at
    before update of type, name, title, description, author, license, source, origin, metadata
    on artifacts
    for each row
    when (
        (
            new.type, new.name, new.title, new.description, new.author, new.license, new.source,
            new.origin, new.metadata
        ) is distinct from (
            old.type, old.name, old.title, old.description, old.author, old.license, old.source,
            old.origin, old.metadata
        )
        and new.updated_at = old.updated_at
    )
    execute function set_updated_at();

create or replace trigger tags_set_updated_at
    before update of id, name, slug, color on tags
    for each row
    when (new.* is distinct from old.* and new.updated_at = old.updated_at)
    execute function set_updated_at();

create or replace trigger collections_set_updated_at
    before update of id, name, description, created_by, collection_type, context_category, source
    on collections
    for each row
    when (new.* is distinct from old.* and new.updated_at = old.updated_at)
    execute function set_updated_at();

create or replace trigger groups_set_updated_at
    before update of id, collection_id, name, description, color, icon, position, tags on groups
    for each row
    when (new.* is distinct from old.* and new.updated_at = old.updated_at)
    execute function set_updated_at();

create or replace trigger project_templates_set_updated_at
    before update of id, name, description, collection_id on project_templates
    for each row
    when (new.* is distinct from old.* and new.updated_at = old.updated_at)
    execute function set_updated_at();

comment on trigger artifacts_set_updated_at on artifacts is
    'Sets updated_at when an artifact is edited.';
comment on trigger tags_set_updated_at on tags is 'Sets updated_at when a tag is edited.';
comment on trigger collections_set_updated_at on collections is
    'Sets updated_at when a collection is edited.';
comment on trigger groups_set_updated_at on groups is 'Sets updated_at when a group is edited.';
comment on trigger project_templates_set_updated_at on project_templates is
    'Sets updated_at when a template is edited.';
