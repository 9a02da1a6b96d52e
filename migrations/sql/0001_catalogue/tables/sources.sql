-- Creates what an import records: its sources, their plugins, and their copies of artifacts.

create table sources (
    id text collate "C" not null default replace(gen_random_uuid()::text, '-', ''),
    kind text not null,
    name text collate "C" not null,
    root text collate "C" not null,
    constraint sources_pkey primary key (id),
    constraint sources_root_is_unique_in_its_kind unique (root, kind)
);

comment on table sources is
    'Each row is a source: a marketplace, plugin or Claude folder, as imported.';

comment on column sources.root is 'The real path of its folder.';

create table source_collections (
    source_id text collate "C" not null,
    plugin text collate "C" not null,
    collection_id text collate "C" not null,
    description text,
    is_current boolean not null,
    constraint source_collections_pkey primary key (source_id, plugin),
    constraint source_collections_are_of_a_source foreign key (source_id)
        references sources (id)
        on update cascade on delete cascade,
    constraint source_collections_fill_a_collection foreign key (collection_id)
        references collections (id)
        on update cascade on delete cascade
);

comment on table source_collections is
    'Each row is a plugin of a source, with the collection that it fills.';

comment on column source_collections.is_current is
    'False if the source no longer has the plugin, and was not pruned since.';

create index source_collections_collection_id_idx on source_collections (collection_id);

create table source_artifacts (
    source_id text collate "C" not null,
    plugin text collate "C" not null,
    artifact_id text collate "C" not null,
    path text not null,
    content_hash text not null,
    version text,
    version_rank bytea not null,
    title text,
    description text,
    author text,
    license text,
    origin text,
    metadata jsonb not null,
    tags jsonb not null default '{}',
    dropped_tags jsonb not null default '{}',
    is_current boolean not null,
    constraint source_artifacts_pkey primary key (source_id, plugin, artifact_id),
    constraint source_artifacts_are_of_a_source foreign key (source_id)
        references sources (id)
        on update cascade on delete cascade,
    constraint source_artifacts_are_copies_of_an_artifact foreign key (artifact_id)
        references artifacts (id)
        on update cascade on delete cascade
);

comment on table source_artifacts is
    'Each row is a source''s copy of an artifact, in one plugin or in none.';

comment on column source_artifacts.plugin is 'The plugin that has it; empty if none has.';

comment on column source_artifacts.path is 'Relative to the root of the source.';

comment on column source_artifacts.version_rank is 'A key that sorts versions: 1.9 before 1.10.';

comment on column source_artifacts.tags is 'The names of its tags, by their slugs.';

comment on column source_artifacts.dropped_tags is
    'Tags that the copy no longer has, and that were not pruned since.';

comment on column source_artifacts.is_current is
    'False if the source no longer has the copy, and was not pruned since.';

create index source_artifacts_artifact_id_idx on source_artifacts (artifact_id);
