-- Creates the artifacts: their types, their versions and the texts of these.

create table artifact_types (
    type type_name not null,
    constraint artifact_types_pkey primary key (type)
) with (fillfactor = 70);

comment on table artifact_types is 'Each row is a kind of artifact, such as skill or agent.';

create table artifacts (
    type text collate "C" not null,
    name catalogue_name not null,
    id text collate "C" not null,
    title text,
    description text,
    author text,
    license text,
    source text,
    origin text,
    metadata jsonb not null default '{}',
    added_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    is_imported boolean not null default false,
    constraint artifacts_pkey primary key (id),
    constraint artifacts_id_is_type_and_name check (id = type || ':' || name),
    constraint artifacts_metadata_is_an_object check (jsonb_typeof(metadata) = 'object'),
    constraint artifacts_are_of_a_type foreign key (type)
        references artifact_types (type)
        on update cascade on delete cascade
);

comment on table artifacts is
    'Each row is an artifact (skill, command, agent …) with the id type:name.';

comment on column artifacts.is_imported is
    'Whether an import of folders added the row; a prune removes no other row.';

create unique index artifacts_type_name_idx on artifacts (type, name);

create index artifacts_updated_at_id_idx on artifacts (updated_at, id);

create table artifact_versions (
    id bigint generated always as identity,
    artifact_id text collate "C" not null,
    content_hash text collate "C" not null,
    version text,
    change_origin text,
    created_at timestamptz not null default now(),
    metadata jsonb not null default '{}',
    constraint artifact_versions_pkey primary key (id),
    constraint artifact_versions_content_hash_is_short
        check (char_length(content_hash) between 1 and 255),
    constraint artifact_versions_are_of_an_artifact foreign key (artifact_id)
        references artifacts (id)
        on update cascade on delete cascade
);

comment on table artifact_versions is
    'Each row is a version of an artifact''s content; the newest is current.';

create index artifact_versions_artifact_id_created_at_id_idx
on artifact_versions (artifact_id, created_at desc, id desc);

create index artifact_versions_content_hash_idx on artifact_versions (content_hash);

create table artifact_contents (
    content_hash text collate "C" not null,
    content text not null,
    constraint artifact_contents_pkey primary key (content_hash),
    constraint artifact_contents_content_is_at_most_1_mib check (octet_length(content) <= 1048576)
) with (toast_tuple_target = 128);

comment on table artifact_contents is 'Each row is the text of the versions that have its hash.';

comment on column artifact_contents.content_hash is 'The hash that its versions have.';

comment on column artifact_contents.content is 'The text, at most 1 MiB in UTF-8.';
