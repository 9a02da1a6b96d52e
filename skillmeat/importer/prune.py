"""Removes what earlier imports of the same sources brought and they no longer have."""

from collections.abc import Iterable
from typing import Final

from skillmeat.importer.readers import Source
from skillmeat.importer.report import RemovedCounts
from skillmeat.importer.staging import DEFAULT, prefix
from skillmeat.importer.statements import MEMBERSHIPS
from skillmeat.query import Conn, execute

# ruff: noqa: S608 - what is put together here are constants

# What nobody imported stays, what other sources brought, and what could not be read today.
REMOVE_MEMBERSHIPS: Final = f"""
    with {MEMBERSHIPS}

    delete from collection_artifacts as m
    using collections as c, artifacts as a
    where
        c.id = m.collection_id
        and c.source = any (%(sources)s)
        and c.id <> all (%(unseen)s)
        and a.id = m.artifact_id
        and a.id <> all (%(unread)s)
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

# One that still holds something is somebody's.
REMOVE_COLLECTIONS: Final = """
    delete from collections as c
    where
        c.source = any (%(sources)s)
        and c.id <> all (%(unseen)s)
        and not exists (select from pg_temp.incoming_collections as i where i.id = c.id)
        and not exists (select from collection_artifacts as m where m.collection_id = c.id)
"""

# So is an artifact that another source brought as well, or that is still in a collection other than
# `default`.
REMOVE_ARTIFACTS: Final = """
    delete from artifacts as a
    using unnest(%(prefixes)s::text[]) as s (prefix)
    where
        starts_with(a.source, s.prefix)
        and a.id <> all (%(unread)s)
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

# What hides where no collection of the source's own would show that it is missed.
_NOBODYS = (None, DEFAULT[0])


def prune_removed(conn: Conn, sources: Iterable[Source]) -> RemovedCounts:
    """Remove what is neither staged nor perhaps only out of sight today."""
    sources = list(sources)
    problems = [problem for source in sources for problem in source.problems]
    blind = {
        source.name
        for source in sources
        if any(
            problem.hides_artifacts and problem.collection_id in _NOBODYS
            for problem in source.problems
        )
    }
    seen = sorted({source.name for source in sources} - blind)
    kept = {
        "sources": seen,
        "prefixes": list(map(prefix, seen)),
        "unseen": [
            problem.collection_id
            for problem in problems
            if problem.hides_artifacts and problem.collection_id
        ],
        "unread": [
            problem.artifact_id
            for problem in problems
            if problem.is_skipped and problem.artifact_id
        ],
    }
    memberships = execute(conn, REMOVE_MEMBERSHIPS, kept)
    collections = execute(conn, REMOVE_COLLECTIONS, kept)
    artifacts = execute(conn, REMOVE_ARTIFACTS, kept)
    return RemovedCounts(artifacts=artifacts, collections=collections, memberships=memberships)
