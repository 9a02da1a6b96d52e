-- Creates the collections and their members.

create table collections (
    id catalogue_name not null default replace(gen_random_uuid()::text, '-', ''),
    name catalogue_name not null,
    description text,
    created_by text,
    collection_type text,
    context_category text,
    source text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    json_prefix text not null,
    constraint collections_pkey primary key (id),
    constraint collections_name_is_unique unique (name)
) with (fillfactor = 70);

comment on table collections is 'Each row is a collection: a named set of artifacts.';

comment on column collections.json_prefix is
    'The JSON of the collection in a summary, up to its count.';

create index collections_id_idx on collections using hash (id);

create table collection_artifacts (
    collection_id text collate "C" not null,
    artifact_id text collate "C" not null,
    added_at timestamptz not null default now(),
    is_imported boolean not null default false,
    constraint collection_artifacts_pkey primary key (collection_id, artifact_id),
    constraint collection_artifacts_are_in_a_collection foreign key (collection_id)
        references collections (id)
        on update cascade on delete cascade,
    constraint collection_artifacts_name_an_artifact foreign key (artifact_id)
        references artifacts (id)
        on update cascade on delete cascade
);

comment on table collection_artifacts is 'Each row makes an artifact a member of a collection.';

comment on column collection_artifacts.is_imported is
    'Whether an import of folders added the row; a prune removes no other row.';

create index collection_artifacts_artifact_id_collection_id_idx
on collection_artifacts (artifact_id, collection_id);
