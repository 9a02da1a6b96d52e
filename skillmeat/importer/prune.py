"""The removal of rows that earlier imports added and that their sources no longer have.

Only rows that an import added are removed, and none that a source still has. Each statement that
deletes rows with dependants follows one that locks them, so that it sees what other sessions have
added to them meanwhile.
"""

from typing import Final

from skillmeat.database.query import Conn, execute
from skillmeat.importer.report import RemovedCounts
from skillmeat.importer.statements import FIND_DEFAULT_COLLECTION

# ruff: noqa: S608 - the f-strings join constants of this file only

# The artifacts of `default` are the artifacts of all plugins.
REMOVE_MEMBERSHIPS: Final = f"""
    delete from collection_artifacts as m
    using (
        select o.collection_id, o.artifact_id
        from collection_artifacts as o
        where
            o.is_imported
            and o.collection_id is distinct from ({FIND_DEFAULT_COLLECTION})
            and (o.collection_id, o.artifact_id) in (
                select r.collection_id, l.artifact_id
                from pg_temp.lost_copies as l
                inner join source_collections as r
                    on r.source_id = l.source_id and r.plugin = l.plugin
                where l.is_gone
            )
            and not exists (
                select
                from pg_temp.incoming_copies as c
                inner join pg_temp.plugin_collections as f
                    on f.source_key = c.source_key and f.plugin = c.plugin
                where c.artifact_id = o.artifact_id and f.collection_id = o.collection_id
            )
        order by o.collection_id, o.artifact_id
        for update of o
    ) as d
    where m.collection_id = d.collection_id and m.artifact_id = d.artifact_id
"""

# The tags of lost copies, by the rule of `tag_statements.ADD_ARTIFACT_TAGS`.
FIND_LOST_TAGS: Final = """
    create temporary table lost_tags
    on commit drop
    as
    select distinct
        l.artifact_id,
        (
            select o.id
            from tags as o
            where o.slug = t.slug or o.name = t.name
            order by o.slug = t.slug desc
            limit 1
        ) as tag_id
    from pg_temp.lost_copies as l
    cross join lateral jsonb_each_text(l.tags) as t (slug, name)
"""
REMOVE_ARTIFACT_TAGS: Final = """
    delete from artifact_tags as x
    using (
        select o.artifact_id, o.tag_id
        from artifact_tags as o
        where
            o.is_imported
            and (o.artifact_id, o.tag_id) in (
                select l.artifact_id, l.tag_id
                from pg_temp.lost_tags as l
            )
            and not exists (
                select
                from pg_temp.incoming_copies as c
                cross join lateral jsonb_each_text(c.tags) as t (slug, name)
                where
                    c.artifact_id = o.artifact_id
                    and o.tag_id = (
                        select k.id
                        from tags as k
                        where k.slug = t.slug or k.name = t.name
                        order by k.slug = t.slug desc
                        limit 1
                    )
            )
        order by o.artifact_id, o.tag_id
        for update of o
    ) as d
    where x.artifact_id = d.artifact_id and x.tag_id = d.tag_id
"""

# An artifact stays if a source has it, or if a user added it to a collection.
_LOST_ARTIFACTS: Final = f"""
    a.is_imported
    and a.id in (
        select l.artifact_id
        from pg_temp.lost_copies as l
        where l.is_gone and not l.has_copy
    )
    and not exists (
        select
        from collection_artifacts as m
        where
            m.artifact_id = a.id
            and not (
                m.is_imported
                and m.collection_id is not distinct from ({FIND_DEFAULT_COLLECTION})
            )
    )
"""
LOCK_ARTIFACTS: Final = f"""
    select from artifacts as a where {_LOST_ARTIFACTS} order by a.id for update
"""
REMOVE_ARTIFACTS: Final = f"delete from artifacts as a where {_LOST_ARTIFACTS}"

# A collection that still has members is in use and stays.
_LOST_COLLECTIONS: Final = """
    c.source is not null
    and c.id in (
        select r.collection_id
        from source_collections as r
        inner join pg_temp.known_sources as s on s.source_id = r.source_id
        where s.is_staged and not r.is_current
    )
    and not exists (
        select
        from source_collections as r
        where r.collection_id = c.id and r.is_current
    )
    and not exists (
        select
        from collection_artifacts as m
        where m.collection_id = c.id
    )
"""
LOCK_COLLECTIONS: Final = f"""
    select from collections as c where {_LOST_COLLECTIONS} order by c.id for update
"""
REMOVE_COLLECTIONS: Final = f"delete from collections as c where {_LOST_COLLECTIONS}"

_LOST_TAGS: Final = """
    t.is_imported
    and t.id in (
        select l.tag_id
        from pg_temp.lost_tags as l
    )
    and not exists (
        select
        from artifact_tags as x
        where x.tag_id = t.id
    )
"""
LOCK_TAGS: Final = f"select from tags as t where {_LOST_TAGS} order by t.id for update"
REMOVE_TAGS: Final = f"delete from tags as t where {_LOST_TAGS}"

MARK_PRUNED: Final = "update pg_temp.lost_copies set is_pruned = true"
DROP: Final = "drop table pg_temp.lost_tags"


def prune_removed(conn: Conn) -> RemovedCounts:
    """Remove rows that the staged sources brought before and that no source has now.

    `record_collections` has run before, and `record_artifacts` runs after.
    """
    memberships = execute(conn, REMOVE_MEMBERSHIPS, {})
    execute(conn, FIND_LOST_TAGS, {})
    artifact_tags = execute(conn, REMOVE_ARTIFACT_TAGS, {})
    execute(conn, LOCK_ARTIFACTS, {})
    artifacts = execute(conn, REMOVE_ARTIFACTS, {})
    execute(conn, LOCK_COLLECTIONS, {})
    collections = execute(conn, REMOVE_COLLECTIONS, {})
    execute(conn, LOCK_TAGS, {})
    execute(conn, REMOVE_TAGS, {})
    execute(conn, MARK_PRUNED, {})
    execute(conn, DROP, {})
    return RemovedCounts(artifacts, collections, memberships, artifact_tags)
