"""The idempotent statements that import the staged rows, in the order in which they run.

Each statement inserts in key order, because writers with different orders could deadlock. The
staged rows are those of `staging` and `merge`.
"""

from typing import Final

# ruff: noqa: S608 - the f-strings join constants of this file only

DEFAULT_COLLECTION: Final = """
    values (
        'default',
        'Default Collection',
        'Every artifact that was imported, whatever other collections it is in.'
    )
"""

# The collection that every artifact joins: the one with this id, else the one with this name.
FIND_DEFAULT_COLLECTION: Final = f"""
    select o.id
    from collections as o
    inner join ({DEFAULT_COLLECTION}) as i (id, name) on o.id = i.id or o.name = i.name
    order by o.id = i.id desc
    limit 1
"""

# Imports wait for each other. Two concurrent imports would both add the same version, because
# neither sees the other's uncommitted row.
WAIT_FOR_OTHER_IMPORTS: Final = """
    select pg_advisory_xact_lock(hashtextextended('skillmeat import: ' || current_schema(), 0))
"""

# Without statistics, the planner would take a catalogue that has just been filled for an empty one.
ANALYZE_GROWN_TABLES: Final = "select analyze_grown_tables()"

# Select the contents that the artifact never had. Also select its latest content if a different
# content is the latest in the catalogue, or would be after the new contents are added. A new
# version never gets an older time than an existing version, because an import that began earlier
# may commit later. A plugin's manifest may give one content another version; versions that others
# added are not compared, because they follow other rules.
FIND_NEW_VERSIONS: Final = """
    create temporary table new_versions
    on commit drop
    as
    with staged as (
        select
            i.*,
            l.content_hash as latest_hash,
            l.metadata ? 'path' and l.version is distinct from i.version as has_other_version,
            greatest(l.created_at, statement_timestamp()) as created_at,
            exists (
                select
                from artifact_versions as v
                where v.artifact_id = i.artifact_id and v.content_hash = i.content_hash
            ) as is_known
        from pg_temp.incoming_versions as i
        left join lateral (
            select v.content_hash, v.version, v.metadata, v.created_at
            from artifact_versions as v
            where v.artifact_id = i.artifact_id
            order by v.created_at desc, v.id desc
            limit 1
        ) as l on true
    ),

    compared as (
        select s.*, bool_and(s.is_known) over (partition by s.artifact_id) as all_are_known
        from staged as s
    )

    select
        c.ordinal,
        c.artifact_id,
        c.content_hash,
        c.version,
        jsonb_build_object('source', c.source, 'path', c.path) as metadata,
        c.created_at
    from compared as c
    where
        not c.is_known
        or (
            c.is_latest
            and (c.content_hash <> c.latest_hash or c.has_other_version or not c.all_are_known)
        )
"""

# Artifacts that a source lost and another source has count as found only if they change.
COUNT_CHANGED_ARTIFACTS: Final = """
    select
        count(*) filter (where c.is_staged or c.is_changed) as found,
        count(*) filter (where c.is_new) as added,
        count(*) filter (where c.is_changed and not c.is_new) as updated
    from (
        select
            a.id is null as is_new,
            exists (
                select
                from pg_temp.incoming_copies as s
                where s.is_staged and s.artifact_id = i.type || ':' || i.name
            ) as is_staged,
            (a.title, a.description, a.author, a.license, a.source, a.origin, a.metadata)
            is distinct from
            (i.title, i.description, i.author, i.license, i.source, i.origin, i.metadata)
            or n.artifact_id is not null as is_changed
        from pg_temp.incoming_artifacts as i
        left join artifacts as a on a.id = i.type || ':' || i.name
        left join (
            select distinct v.artifact_id from pg_temp.new_versions as v
        ) as n on n.artifact_id = i.type || ':' || i.name
    ) as c
"""

ADD_VERSIONS: Final = """
    insert into artifact_versions (
        artifact_id, content_hash, version, change_origin, metadata, created_at
    )
    select n.artifact_id, n.content_hash, n.version, 'import', n.metadata, n.created_at
    from pg_temp.new_versions as n
    order by n.ordinal
"""

# The versions refer to these texts: until they are committed, no other session may delete them. A
# version that an earlier import added without its text gets it now.
LOCK_CONTENTS: Final = """
    select
    from artifact_contents as c
    where c.content_hash in (select n.content_hash from pg_temp.new_versions as n)
    order by c.content_hash
    for key share
"""
ADD_CONTENTS: Final = """
    insert into artifact_contents (content_hash, content)
    select i.content_hash, i.content
    from pg_temp.incoming_contents as i
    on conflict (content_hash) do nothing
"""
# A text is not staged if the catalogue has it, and may be deleted before the import locks it.
IS_CONTENT_DELETED: Final = """
    select exists (
        select
        from pg_temp.new_versions as n
        inner join pg_temp.incoming_copies as i
            on i.artifact_id = n.artifact_id and i.content_hash = n.content_hash
        where
            i.has_content
            and not exists (
                select
                from artifact_contents as c
                where c.content_hash = n.content_hash
            )
    )
"""

# A plugin that an earlier import recorded fills the collection that it filled then. Any other fills
# the collection with its id, else the one with its name, else a new one. `default` belongs to no
# source, even if a plugin has that name.
ADD_COLLECTIONS: Final = """
    insert into collections (id, name, description, source)
    select i.id, i.name, i.description, i.source
    from (
        select
            p.plugin as id,
            min(p.name) as name,
            (
                array_agg(p.description order by s.name, s.root)
                filter (where p.description is not null)
            )[1] as description,
            min(s.name) filter (where p.plugin <> 'default') as source
        from pg_temp.incoming_plugins as p
        inner join pg_temp.known_sources as s on s.source_key = p.source_key
        where
            not exists (
                select
                from source_collections as r
                where r.source_id = s.source_id and r.plugin = p.plugin
            )
        group by p.plugin
    ) as i
    where not exists (select from collections as c where c.id = i.id or c.name = i.name)
    order by i.id
    on conflict do nothing
"""
ADD_DEFAULT_COLLECTION: Final = f"""
    insert into collections (id, name, description)
    select i.id, i.name, i.description
    from ({DEFAULT_COLLECTION}) as i (id, name, description)
    where not exists (select from collections as c where c.id = i.id or c.name = i.name)
    on conflict do nothing
"""

# The collection of each plugin, of this import and of the record.
FIND_PLUGIN_COLLECTIONS: Final = """
    create temporary table plugin_collections
    on commit drop
    as
    select
        p.source_key,
        p.plugin,
        coalesce(
            r.collection_id,
            (
                select c.id
                from collections as c
                where c.id = p.plugin or c.name = p.name
                order by c.id = p.plugin desc
                limit 1
            )
        ) as collection_id
    from pg_temp.incoming_plugins as p
    inner join pg_temp.known_sources as s on s.source_key = p.source_key
    left join source_collections as r on r.source_id = s.source_id and r.plugin = p.plugin
    union all
    select r.source_id, r.plugin, r.collection_id
    from source_collections as r
"""

FIND_MEMBERSHIPS: Final = """
    create temporary table incoming_memberships
    on commit drop
    as
    select o.id as collection_id, c.artifact_id
    from pg_temp.incoming_copies as c
    inner join pg_temp.plugin_collections as f
        on f.source_key = c.source_key and f.plugin = c.plugin
    inner join collections as o on o.id = f.collection_id
    where c.is_staged
    group by o.id, c.artifact_id
"""
JOIN_DEFAULT_COLLECTION: Final = f"""
    insert into pg_temp.incoming_memberships (collection_id, artifact_id)
    select d.collection_id, c.artifact_id
    from pg_temp.incoming_copies as c
    cross join ({FIND_DEFAULT_COLLECTION}) as d (collection_id)
    where c.is_staged
    except
    select m.collection_id, m.artifact_id
    from pg_temp.incoming_memberships as m
"""

ADD_MEMBERSHIPS: Final = """
    insert into collection_artifacts (collection_id, artifact_id, is_imported)
    select i.collection_id, i.artifact_id, true
    from pg_temp.incoming_memberships as i
    where
        not exists (
            select
            from collection_artifacts as m
            where m.collection_id = i.collection_id and m.artifact_id = i.artifact_id
        )
    order by i.collection_id, i.artifact_id
    on conflict do nothing
"""

COUNT_MEMBERSHIPS: Final = "select count(*) from pg_temp.incoming_memberships"
# Name the folder of a source only if another source has its name.
LIST_SHARED_COLLECTIONS: Final = """
    with named as (
        select
            s.id,
            case when count(*) over (partition by s.name) > 1 then s.name || ' (' || s.root || ')'
            else s.name end as name
        from sources as s
    )

    select
        r.collection_id as id,
        array_agg(distinct n.name) as sources
    from source_collections as r
    inner join named as n on n.id = r.source_id
    where
        r.is_current
        and r.collection_id in (
            select f.collection_id
            from pg_temp.incoming_plugins as p
            inner join pg_temp.plugin_collections as f
                on f.source_key = p.source_key and f.plugin = p.plugin
        )
    group by r.collection_id
    having count(distinct r.source_id) > 1
    order by r.collection_id
"""

DROP: Final = """
    drop table pg_temp.new_versions, pg_temp.plugin_collections, pg_temp.incoming_memberships
"""
