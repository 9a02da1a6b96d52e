"""Memberships: add artifacts to a collection and remove them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from skillmeat.database.query import Conn, execute, fetch_one
from skillmeat.errors import UnknownArtifact, UnknownCollection


@dataclass(frozen=True, slots=True)
class AddResult:
    """How many artifacts were `added` or `already_present`, and the exact count after that."""

    added: int
    already_present: int
    artifact_count: int


@dataclass(frozen=True, slots=True)
class _AddOutcome:
    collection_exists: bool
    unknown: list[str]
    added: int
    already_present: int
    artifact_count: int


# Nothing is inserted unless the collection and every artifact exist. If another session deletes one
# of them meanwhile, the foreign keys refuse the insert.
ADD: Final = """
    with requested as (
        select distinct r.id from unnest(%(artifacts)s::text[]) as r (id)
    ),

    unknown as (
        select r.id
        from requested as r
        where not exists (select from artifacts as a where a.id = r.id)
    ),

    added as (
        insert into collection_artifacts (collection_id, artifact_id)
        select c.id, r.id
        from requested as r
        inner join collections as c on c.id = %(collection)s
        where not exists (select from unknown)
        order by r.id
        on conflict do nothing
        returning artifact_id
    )

    select
        exists (select from collections as c where c.id = %(collection)s) as collection_exists,
        array(select u.id from unknown as u order by u.id) as unknown,
        (select count(*) from added) as added,
        (select count(*) from requested) - (select count(*) from added) as already_present,
        -- The count that this statement sees, plus the requested artifacts that it found missing.
        -- They are members now, added by this session or by another.
        coalesce(
            (select s.artifact_count from collection_summaries as s where s.id = %(collection)s), 0
        ) + (
            select count(*)
            from requested as r
            where not exists (
                select
                from collection_artifacts as m
                where m.collection_id = %(collection)s and m.artifact_id = r.id
            )
        ) as artifact_count
"""


def add_artifacts(conn: Conn, collection_id: str, artifact_ids: Iterable[str]) -> AddResult:
    """Add artifacts to a collection; an id that is given twice counts once.

    Raises `UnknownCollection`, or `UnknownArtifact`, which names every artifact that does not
    exist. Then no artifact is added.
    """
    outcome = fetch_one(
        conn, _AddOutcome, ADD, {"collection": collection_id, "artifacts": list(artifact_ids)}
    )
    if not outcome.collection_exists:
        raise UnknownCollection.from_ids(collection_id)
    if outcome.unknown:
        raise UnknownArtifact.from_ids(*outcome.unknown)
    return AddResult(outcome.added, outcome.already_present, outcome.artifact_count)


REMOVE: Final = """
    delete from collection_artifacts
    where collection_id = %(collection)s and artifact_id = any (%(artifacts)s::text[])
"""


def remove_artifacts(conn: Conn, collection_id: str, artifact_ids: Iterable[str]) -> int:
    """Remove artifacts from a collection and its groups; return how many were members."""
    return execute(conn, REMOVE, {"collection": collection_id, "artifacts": list(artifact_ids)})
