"""The removal of rows that earlier imports added and that their sources no longer have."""

from collections.abc import Iterable
from typing import Final

from skillmeat.importer.readers import Source
from skillmeat.importer.report import RemovedCounts
from skillmeat.importer.staging import DEFAULT_COLLECTION, make_prefix
from skillmeat.importer.statements import MEMBERSHIPS
from skillmeat.query import Conn, execute

# ruff: noqa: S608 - the f-strings join constants only

# A membership stays if no import added it, if another source added it, or if its artifact could not
# be read.
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

# A collection that still has members is in use and stays.
REMOVE_COLLECTIONS: Final = """
    delete from collections as c
    where
        c.source = any (%(sources)s)
        and c.id <> all (%(hidden)s)
        and not exists (select from pg_temp.incoming_collections as i where i.id = c.id)
        and not exists (select from collection_artifacts as m where m.collection_id = c.id)
"""

# An artifact stays if another source has it, or if a collection other than `default` has it.
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

# These ids belong to no single source, so a problem under them may hide any artifact of its source.
_WITHOUT_SOURCE = (None, DEFAULT_COLLECTION[0])


def prune_removed(conn: Conn, sources: Iterable[Source]) -> RemovedCounts:
    """Remove rows that earlier imports of `sources` added and that are not staged now.

    Keep every row that an unreadable path may still hold.
    """
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
