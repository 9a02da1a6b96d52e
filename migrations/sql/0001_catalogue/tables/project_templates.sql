-- Creates the templates of projects.

create table project_templates (
    id catalogue_name not null default replace(gen_random_uuid()::text, '-', ''),
    name catalogue_name not null,
    description text,
    collection_id text collate "C",
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint project_templates_pkey primary key (id),
    constraint project_templates_name_is_unique unique (name),
    constraint project_templates_draw_on_a_collection foreign key (collection_id)
        references collections (id)
        on update cascade on delete set null
);

comment on table project_templates is 'Each row is a template for new projects.';

create index project_templates_collection_id_idx on project_templates (collection_id);
