"""The record of what each source brought last, which the next import compares with.

The record is written in the order of the foreign keys: a deleted collection or artifact deletes its
rows of the record, so the import locks the parent first, as the deleting session does.
"""

from typing import Final

from skillmeat.database.query import Conn, execute

FIND_CHANGED_PLUGINS: Final = """
    create temporary table changed_plugins
    on commit drop
    as
    select s.source_id, p.plugin, f.collection_id, p.description, true as is_current
    from pg_temp.incoming_plugins as p
    inner join pg_temp.known_sources as s on s.source_key = p.source_key
    inner join pg_temp.plugin_collections as f
        on f.source_key = p.source_key and f.plugin = p.plugin
    left join source_collections as r on r.source_id = s.source_id and r.plugin = p.plugin
    where
        f.collection_id is not null
        and (r.collection_id, r.description, r.is_current)
        is distinct from (f.collection_id, p.description, true)
    union all
    select r.source_id, r.plugin, r.collection_id, r.description, false
    from source_collections as r
    inner join pg_temp.known_sources as s on s.source_id = r.source_id and s.is_staged
    where
        r.is_current
        and not exists (
            select
            from pg_temp.incoming_plugins as p
            where p.source_key = s.source_key and p.plugin = r.plugin
        )
        and not exists (
            select
            from pg_temp.hidden_copies as h
            where
                h.source_key = s.source_key
                and h.artifact_id is null
                and coalesce(h.plugin = r.plugin, true)
        )
"""

LOCK_COLLECTIONS: Final = """
    select
    from collections as c
    where c.id in (select p.collection_id from pg_temp.changed_plugins as p)
    order by c.id
    for key share
"""

RECORD_PLUGINS: Final = """
    insert into source_collections as r (
        source_id, plugin, collection_id, description, is_current
    )
    select p.source_id, p.plugin, p.collection_id, p.description, p.is_current
    from pg_temp.changed_plugins as p
    order by p.collection_id, p.source_id, p.plugin
    on conflict (source_id, plugin) do update
    set
        collection_id = excluded.collection_id,
        description = excluded.description,
        is_current = excluded.is_current
"""

# A collection that an import added has the name and the description of the first source that
# brings it, whichever source was imported last.
DESCRIBE_COLLECTIONS: Final = """
    update collections as c
    set source = d.source, description = d.description
    from (
        select
            r.plugin,
            min(s.name) as source,
            (
                array_agg(r.description order by s.name, s.root)
                filter (where r.description is not null)
            )[1] as description
        from source_collections as r
        inner join sources as s on s.id = r.source_id
        where
            r.is_current
            and r.plugin = r.collection_id
            and r.plugin in (
                select o.plugin
                from source_collections as o
                inner join pg_temp.known_sources as k on k.source_id = o.source_id
                where k.is_staged
            )
        group by r.plugin
    ) as d
    where
        c.id = d.plugin
        and c.source is not null
        and (c.source, c.description) is distinct from (d.source, d.description)
    returning c.id
"""

FIND_CHANGED_COPIES: Final = """
    create temporary table changed_copies
    on commit drop
    as
    select c.*, s.source_id, coalesce(l.tags, '{}') as dropped_tags
    from pg_temp.incoming_copies as c
    inner join pg_temp.known_sources as s on s.source_key = c.source_key
    left join pg_temp.lost_copies as l
        on
            not l.is_pruned
            and l.source_id = s.source_id
            and l.plugin = c.plugin
            and l.artifact_id = c.artifact_id
    left join source_artifacts as r
        on
            r.source_id = s.source_id
            and r.plugin = c.plugin
            and r.artifact_id = c.artifact_id
    where
        c.is_staged
        and (
            r.path, r.content_hash, r.version, r.version_rank, r.title, r.description, r.author,
            r.license, r.origin, r.metadata, r.tags, r.dropped_tags, r.is_current
        )
        is distinct from (
            c.path, c.content_hash, c.version, c.version_rank, c.title, c.description, c.author,
            c.license, c.origin, c.metadata, c.tags, coalesce(l.tags, '{}'), true
        )
"""

LOCK_ARTIFACTS: Final = """
    select
    from artifacts as a
    where
        a.id in (
            select c.artifact_id
            from pg_temp.changed_copies as c
            union
            select l.artifact_id
            from pg_temp.lost_copies as l
            where l.is_gone and (l.was_current or (l.is_pruned and l.has_copy))
        )
    order by a.id
    for key share
"""

RECORD_COPIES: Final = """
    insert into source_artifacts (
        source_id, plugin, artifact_id, path, content_hash, version, version_rank, title,
        description, author, license, origin, metadata, tags, dropped_tags, is_current
    )
    select
        c.source_id, c.plugin, c.artifact_id, c.path, c.content_hash, c.version, c.version_rank,
        c.title, c.description, c.author, c.license, c.origin, c.metadata, c.tags, c.dropped_tags,
        true
    from pg_temp.changed_copies as c
    order by c.artifact_id, c.source_id, c.plugin
    on conflict (source_id, plugin, artifact_id) do update
    set
        path = excluded.path,
        content_hash = excluded.content_hash,
        version = excluded.version,
        version_rank = excluded.version_rank,
        title = excluded.title,
        description = excluded.description,
        author = excluded.author,
        license = excluded.license,
        origin = excluded.origin,
        metadata = excluded.metadata,
        tags = excluded.tags,
        dropped_tags = excluded.dropped_tags,
        is_current = true
"""

# A later prune finds these rows. If another copy is left, this prune has removed all that it will.
FORGET_PRUNED_COPIES: Final = """
    delete from source_artifacts as r
    using pg_temp.lost_copies as l
    where
        l.is_pruned
        and l.is_gone
        and l.has_copy
        and r.source_id = l.source_id
        and r.plugin = l.plugin
        and r.artifact_id = l.artifact_id
"""
MARK_LOST_COPIES: Final = """
    update source_artifacts as r
    set is_current = false
    from pg_temp.lost_copies as l
    where
        l.is_gone
        and l.was_current
        and r.source_id = l.source_id
        and r.plugin = l.plugin
        and r.artifact_id = l.artifact_id
"""

_TABLES: Final = "pg_temp.changed_plugins, pg_temp.changed_copies"
DROP: Final = f"drop table {_TABLES}"


RECORD_COLLECTIONS: Final = (
    FIND_CHANGED_PLUGINS,
    LOCK_COLLECTIONS,
    RECORD_PLUGINS,
)
RECORD_ARTIFACTS: Final = (
    FIND_CHANGED_COPIES,
    LOCK_ARTIFACTS,
    RECORD_COPIES,
    FORGET_PRUNED_COPIES,
    MARK_LOST_COPIES,
)


def record_collections(conn: Conn) -> set[str]:
    """Record the plugins of the staged sources; return the ids of the collections that changed."""
    for statement in RECORD_COLLECTIONS:
        execute(conn, statement, {})
    return {id_ for (id_,) in conn.execute(DESCRIBE_COLLECTIONS)}


def record_artifacts(conn: Conn) -> None:
    """Record the staged copies, and the lost ones that a later prune will find."""
    for statement in RECORD_ARTIFACTS:
        execute(conn, statement, {})
