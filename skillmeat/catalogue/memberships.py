"""Which artifacts are in which collection."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from skillmeat.errors import UnknownArtifact, UnknownCollection
from skillmeat.query import Conn, execute, fetch_one


@dataclass(frozen=True, slots=True)
class AddResult:
    """What adding did: `added` are new, `already_present` were there, `artifact_count` are now."""

    added: int
    already_present: int
    artifact_count: int


@dataclass(frozen=True, slots=True)
class _Outcome:
    parent_exists: bool
    unknown: list[str]
    added: int
    already_present: int
    artifact_count: int


# Nothing is inserted unless the collection and every artifact exist; either may still be deleted at
# that moment by somebody else, which the foreign keys refuse.
ADD: Final = """
    with wanted as (
        select distinct w.id from unnest(%(artifacts)s::text[]) as w (id)
    ),

    unknown as (
        select w.id
        from wanted as w
        where not exists (select from artifacts as a where a.id = w.id)
    ),

    added as (
        insert into collection_artifacts (collection_id, artifact_id)
        select c.id, w.id
        from wanted as w
        inner join collections as c on c.id = %(collection)s
        where not exists (select from unknown)
        order by w.id
        on conflict do nothing
        returning artifact_id
    )

    select
        exists (select from collections as c where c.id = %(collection)s) as parent_exists,
        array(select u.id from unknown as u order by u.id) as unknown,
        (select count(*) from added) as added,
        (select count(*) from wanted) - (select count(*) from added) as already_present,
        -- What this statement sees, and those that it saw not to be members and now are: some of
        -- them perhaps by somebody else's hand.
        coalesce(
            (select s.artifact_count from collection_summaries as s where s.id = %(collection)s), 0
        ) + (
            select count(*)
            from wanted as w
            where not exists (
                select
                from collection_artifacts as m
                where m.collection_id = %(collection)s and m.artifact_id = w.id
            )
        ) as artifact_count
"""


def add_artifacts(conn: Conn, collection_id: str, artifact_ids: Iterable[str]) -> AddResult:
    """Make artifacts members of a collection; those that are, stay, and a repeated id counts once.

    Raises `UnknownCollection`, or `UnknownArtifact` that names all that do not exist; nothing is
    added then.
    """
    outcome = fetch_one(
        conn, _Outcome, ADD, {"collection": collection_id, "artifacts": list(artifact_ids)}
    )
    if not outcome.parent_exists:
        raise UnknownCollection.from_ids(collection_id)
    if outcome.unknown:
        raise UnknownArtifact.from_ids(*outcome.unknown)
    return AddResult(outcome.added, outcome.already_present, outcome.artifact_count)


REMOVE: Final = """
    delete from collection_artifacts
    where collection_id = %(collection)s and artifact_id = any (%(artifacts)s::text[])
"""


def remove_artifacts(conn: Conn, collection_id: str, artifact_ids: Iterable[str]) -> int:
    """End memberships, and those in the collection's groups; return how many there were."""
    values = {"collection": collection_id, "artifacts": list(artifact_ids)}
    return execute(conn, REMOVE, values)
