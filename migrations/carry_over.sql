-- Carries a schema at 0013_cheaper_counts, from before the first release, over to 0005_access:
--     psql "$SKILLMEAT_DATABASE_URL" --variable schema=skillmeat --file migrations/carry_over.sql
-- It renames the objects that hold rows or count them, so no change is lost, and adds the new types
-- of artifacts. It drops every view of a count: create your own again. Run `skillmeat migrate check
-- --fix` next: it replaces the rest. Refresh the snapshot only after that, because until then some
-- changes are not logged, and pages read every artifact.

\set ON_ERROR_STOP on
begin;
set local search_path = :"schema", pg_temp;
set local client_min_messages = warning;

alter table last_refresh rename column is_last to is_only_row;
alter table last_refresh rename column crowded_at to bypass_after_seq;
alter table last_refresh rename column refreshed_by to snapshot_xmin;
alter function widen_logs() rename to preallocate_log_pages;
drop view searched_artifacts, searched_tags;
alter table artifacts
    alter column id drop expression if exists,
    replica identity default,
    add constraint artifacts_id_is_type_and_name check (id = type || ':' || name);
alter table count_changes add column if not exists settles_batch boolean;
comment on column count_changes.settles_batch is
    'True settles its batch at commit, false waits for it, null settles its count.';

do $rename$
declare
    renamed constant text :=
        '(refuse_taken_key|start_counts|touch_updated_at|are_counted|artifact_versions_log_changes)';
    rename text;
begin
    for rename in
        select format('alter trigger %I on %s rename to %I', t.tgname, t.tgrelid::regclass,
            replace(replace(replace(replace(replace(t.tgname, 'taken_key', 'key_reuse'),
                'start_counts', 'reset_counts'), 'touch_updated_at', 'set_updated_at'),
                'are_counted', 'record_changes'), 'versions_log_changes', 'versions_record_changes'))
        from pg_trigger as t
        inner join pg_class as c on c.oid = t.tgrelid
        where c.relnamespace = current_schema()::regnamespace and t.tgname ~ renamed
        union all
        select format('alter function %I() rename to %I', p.proname,
            replace(replace(replace(replace(replace(p.proname, 'taken_key', 'key_reuse'),
                'start_counts', 'reset_counts'), 'touch_updated_at', 'set_updated_at'),
                'are_counted', 'record_changes'), 'versions_log_changes', 'versions_record_changes'))
        from pg_proc as p
        where p.pronamespace = current_schema()::regnamespace and p.proname ~ renamed
    loop
        execute rename;
    end loop;
end;
$rename$;

-- The function that counts will log, too. Until then the empty id stands for every artifact.
drop function artifacts_log_changes, artifact_tags_log_changes, collection_artifacts_log_changes cascade;
insert into artifact_changes (artifact_id) values ('');

-- The views of a column must go before its type changes. Without a constraint no table is rewritten.
do $domain$
declare
    counted record;
begin
    for counted in
        select distinct v.oid::regclass as name
        from pg_attribute as a
        inner join pg_class as t on t.oid = a.attrelid
        inner join pg_depend as d on d.refobjid = a.attrelid and d.refobjsubid = a.attnum
        inner join pg_rewrite as r on r.oid = d.objid
        inner join pg_class as v on v.oid = r.ev_class
        where t.relnamespace = current_schema()::regnamespace and a.attname ~ '_count$' and t.relkind = 'r'
    loop
        execute format('drop view if exists %s cascade', counted.name);
    end loop;
end;
$domain$;
create domain settled_count as bigint;
alter table collections
    drop constraint collections_artifact_count_is_not_negative,
    drop constraint collections_group_count_is_not_negative,
    alter column artifact_count type settled_count,
    alter column group_count type settled_count;
alter table groups
    drop constraint groups_artifact_count_is_not_negative,
    alter column artifact_count type settled_count;
alter table tags
    drop constraint tags_artifact_count_is_not_negative,
    alter column artifact_count type settled_count;
alter table artifact_types
    drop constraint artifact_types_artifact_count_is_not_negative,
    alter column artifact_count type settled_count;
alter domain settled_count add constraint count_is_not_negative check (value >= 0);
comment on domain settled_count is 'A number of rows: zero or more.';

create index artifacts_updated_at_id_idx on artifacts (updated_at, id);

alter table collections add column json_prefix text;
\ir sql/0001_catalogue/triggers/collections_set_json_prefix.sql
-- The trigger sets the value.
update collections set json_prefix = '';
alter table collections alter column json_prefix set not null;
create index collections_id_idx on collections using hash (id);

insert into artifact_types (type)
values ('lsp_server'), ('monitor'), ('output_style'), ('theme')
on conflict do nothing;

-- It is unknown which of the existing rows an import added. The next import marks its own rows.
alter table artifacts add column is_imported boolean not null default false;
alter table tags add column is_imported boolean not null default false;
alter table artifact_tags add column is_imported boolean not null default false;
alter table collection_artifacts add column is_imported boolean not null default false;

alter table artifact_versions alter column content_hash type text collate "C";
create index artifact_versions_content_hash_idx on artifact_versions (content_hash);
create table artifact_contents (
    content_hash text collate "C" primary key,
    content text not null,
    constraint artifact_contents_content_is_at_most_1_mib check (octet_length(content) <= 1048576)
)
with (toast_tuple_target = 128);

create table sources (
    id text collate "C" default replace(gen_random_uuid()::text, '-', '') primary key,
    kind text not null,
    name text collate "C" not null,
    root text collate "C" not null,
    constraint sources_root_is_unique_in_its_kind unique (root, kind)
);

create table source_collections (
    source_id text collate "C"
        constraint source_collections_are_of_a_source
        references sources on update cascade on delete cascade,
    plugin text collate "C",
    collection_id text collate "C" not null
        constraint source_collections_fill_a_collection
        references collections on update cascade on delete cascade,
    description text,
    is_current boolean not null,
    primary key (source_id, plugin)
);
create index source_collections_collection_id_idx on source_collections (collection_id);

create table source_artifacts (
    source_id text collate "C"
        constraint source_artifacts_are_of_a_source
        references sources on update cascade on delete cascade,
    plugin text collate "C",
    artifact_id text collate "C"
        constraint source_artifacts_are_copies_of_an_artifact
        references artifacts on update cascade on delete cascade,
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
    primary key (source_id, plugin, artifact_id)
);
create index source_artifacts_artifact_id_idx on source_artifacts (artifact_id);

update alembic_version set version_num = '0005_access';
commit;
