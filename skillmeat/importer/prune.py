"""Remove what earlier imports of the same sources added and the sources no longer have."""

from collections.abc import Iterable
from typing import Final

from skillmeat.importer.readers import Source
from skillmeat.importer.report import RemovedCounts
from skillmeat.importer.staging import DEFAULT_COLLECTION, make_prefix
from skillmeat.importer.statements import MEMBERSHIPS
from skillmeat.query import Conn, execute

# ruff: noqa: S608 - what is put together here are constants

# These stay: what no import added, what other sources added, and what could not be read.
REMOVE_MEMBERSHIPS: Final = f"""
    with {MEMBERSHIPS}

    delete from collection_artifacts as m
    using collections as c, artifacts as a
    where
        c.id = m.collection_id
        and c.source = any (%(sources)s)
        and c.id <> all (%(hidden)s)
        and a.id = m.artifact_id
        and a.id <> all (%(unreadable)s)
        and not exists (
            select
            from memberships as i
            where i.collection_id = m.collection_id and i.artifact_id = m.artifact_id
        )
        and (
            exists (
                select
                from unnest(%(prefixes)s::text[]) as s (prefix)
                where starts_with(a.source, s.prefix)
            )
            or exists (
                select
                from artifact_versions as v
                where v.artifact_id = a.id and v.metadata ->> 'source' = any (%(sources)s)
            )
        )
"""

# A collection that still has members is in use.
REMOVE_COLLECTIONS: Final = """
    delete from collections as c
    where
        c.source = any (%(sources)s)
        and c.id <> all (%(hidden)s)
        and not exists (select from pg_temp.incoming_collections as i where i.id = c.id)
        and not exists (select from collection_artifacts as m where m.collection_id = c.id)
"""

# An artifact is in use if another source has it, or a collection other than `default`.
REMOVE_ARTIFACTS: Final = """
    delete from artifacts as a
    using unnest(%(prefixes)s::text[]) as s (prefix)
    where
        starts_with(a.source, s.prefix)
        and a.id <> all (%(unreadable)s)
        and not exists (
            select from pg_temp.incoming_artifacts as i where i.type || ':' || i.name = a.id
        )
        and not exists (
            select
            from collection_artifacts as m
            where m.artifact_id = a.id and m.collection_id <> 'default'
        )
        and not exists (
            select
            from artifact_versions as v
            where v.artifact_id = a.id and v.metadata ->> 'source' <> all (%(sources)s)
        )
"""

# The collections that do not belong to a source: it may hide any artifact of theirs.
_WITHOUT_SOURCE = (None, DEFAULT_COLLECTION[0])


def prune_removed(conn: Conn, sources: Iterable[Source]) -> RemovedCounts:
    """Remove what is not staged, unless a source could not be read where it may be."""
    sources = list(sources)
    problems = [problem for source in sources for problem in source.problems]
    incomplete = {
        source.name
        for source in sources
        if any(
            problem.hides_artifacts and problem.collection_id in _WITHOUT_SOURCE
            for problem in source.problems
        )
    }
    complete = sorted({source.name for source in sources} - incomplete)
    parameters = {
        "sources": complete,
        "prefixes": list(map(make_prefix, complete)),
        "hidden": [
            problem.collection_id
            for problem in problems
            if problem.hides_artifacts and problem.collection_id
        ],
        "unreadable": [
            problem.artifact_id
            for problem in problems
            if problem.is_skipped and problem.artifact_id
        ],
    }
    memberships = execute(conn, REMOVE_MEMBERSHIPS, parameters)
    collections = execute(conn, REMOVE_COLLECTIONS, parameters)
    artifacts = execute(conn, REMOVE_ARTIFACTS, parameters)
    return RemovedCounts(artifacts=artifacts, collections=collections, memberships=memberships)
