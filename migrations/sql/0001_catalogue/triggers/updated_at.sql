-- An edit sets updated_at, unless it gives one of its own. A count is no edit: these triggers name
-- the columns that are.

create function touch_updated_at()
    returns trigger
    language plpgsql
    set search_path from current
as $$
begin
    new.updated_at := now();
    return new;
end;
$$;

revoke execute on function touch_updated_at() from public;

comment on function touch_updated_at() is
    'Sets updated_at to the time of the transaction.';

create trigger artifacts_touch_updated_at
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
    execute function touch_updated_at();

create trigger tags_touch_updated_at
    before update of id, name, slug, color on tags
    for each row
    when (new.* is distinct from old.* and new.updated_at = old.updated_at)
    execute function touch_updated_at();

create trigger collections_touch_updated_at
    before update of id, name, description, created_by, collection_type, context_category, source
    on collections
    for each row
    when (new.* is distinct from old.* and new.updated_at = old.updated_at)
    execute function touch_updated_at();

create trigger groups_touch_updated_at
    before update of id, collection_id, name, description, color, icon, position, tags on groups
    for each row
    when (new.* is distinct from old.* and new.updated_at = old.updated_at)
    execute function touch_updated_at();

create trigger project_templates_touch_updated_at
    before update of id, name, description, collection_id on project_templates
    for each row
    when (new.* is distinct from old.* and new.updated_at = old.updated_at)
    execute function touch_updated_at();

comment on trigger artifacts_touch_updated_at on artifacts is 'Notes when an artifact was edited.';
comment on trigger tags_touch_updated_at on tags is 'Notes when a tag was edited.';
comment on trigger collections_touch_updated_at on collections is
    'Notes when a collection was edited.';
comment on trigger groups_touch_updated_at on groups is 'Notes when a group was edited.';
comment on trigger project_templates_touch_updated_at on project_templates is
    'Notes when a template was edited.';
