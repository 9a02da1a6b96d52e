-- Creates the tags, and the tags of artifacts.

create table tags (
    id catalogue_name not null default replace(gen_random_uuid()::text, '-', ''),
    name tag_name not null,
    slug tag_name not null,
    color text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    is_imported boolean not null default false,
    constraint tags_pkey primary key (id),
    constraint tags_name_is_unique unique (name),
    constraint tags_slug_is_unique unique (slug),
    constraint tags_color_is_a_hex_color check (color ~ '^#[0-9A-Fa-f]{6}$')
) with (fillfactor = 70);

comment on table tags is 'Each row is a tag, which any number of artifacts can have.';

comment on column tags.is_imported is
    'Whether an import of folders added the row; a prune removes no other row.';

create table artifact_tags (
    artifact_id text collate "C" not null,
    tag_id text collate "C" not null,
    created_at timestamptz not null default now(),
    is_imported boolean not null default false,
    constraint artifact_tags_pkey primary key (artifact_id, tag_id),
    constraint artifact_tags_are_of_an_artifact foreign key (artifact_id)
        references artifacts (id)
        on update cascade on delete cascade,
    constraint artifact_tags_name_a_tag foreign key (tag_id)
        references tags (id)
        on update cascade on delete cascade
);

comment on table artifact_tags is 'Each row gives a tag to an artifact.';

comment on column artifact_tags.is_imported is
    'Whether an import of folders added the row; a prune removes no other row.';

create index artifact_tags_tag_id_artifact_id_idx on artifact_tags (tag_id, artifact_id);
