-- Creates the groups of collections, and their artifacts.

create table groups (
    id catalogue_name not null default replace(gen_random_uuid()::text, '-', ''),
    collection_id text collate "C" not null,
    name catalogue_name not null,
    description text,
    color text not null default 'slate',
    icon text not null default 'layers',
    position integer not null default 0,
    tags text[] not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint groups_pkey primary key (id),
    constraint groups_name_is_unique_in_its_collection unique (collection_id, name),
    constraint groups_id_is_unique_in_its_collection unique (collection_id, id),
    constraint groups_position_is_not_negative check (position >= 0),
    constraint groups_tags_are_not_null check (array_position(tags, null) is null),
    constraint groups_are_in_a_collection foreign key (collection_id)
        references collections (id)
        on update cascade on delete cascade
) with (fillfactor = 70);

comment on table groups is 'Each row is a group: an ordered part of a collection.';

create table group_artifacts (
    collection_id text collate "C" not null,
    group_id text collate "C" not null,
    artifact_id text collate "C" not null,
    position integer not null default 0,
    added_at timestamptz not null default now(),
    constraint group_artifacts_pkey primary key (group_id, artifact_id),
    -- Deferrable, because the rename of a collection cascades through one key after the other.
    constraint group_artifacts_are_in_a_group foreign key (collection_id, group_id)
        references groups (collection_id, id)
        on update cascade on delete cascade deferrable initially immediate,
    constraint group_artifacts_are_members foreign key (collection_id, artifact_id)
        references collection_artifacts (collection_id, artifact_id)
        on update cascade on delete cascade deferrable initially immediate,
    constraint group_artifacts_position_is_not_negative check (position >= 0)
);

comment on table group_artifacts is
    'Each row gives an artifact a position in a group of its collection.';

create index group_artifacts_collection_id_artifact_id_idx
on group_artifacts (collection_id, artifact_id);

create index group_artifacts_collection_id_group_id_idx
on group_artifacts (collection_id, group_id);
