"""Which members of a collection have a place in a group of it, and where."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from psycopg.sql import SQL

from skillmeat.catalogue.artifact_metadata import UUID
from skillmeat.catalogue.memberships import AddResult
from skillmeat.errors import UnknownArtifact, UnknownGroup
from skillmeat.query import Conn, fetch_one, fetch_scalar


@dataclass(frozen=True, slots=True)
class _Outcome:
    parent_exists: bool
    strangers: list[str]
    added: int
    already_present: int
    artifact_count: int


# Positions follow the order given; nothing is written unless all are members of the collection.
# Rows go in by id, so that two of these at once cannot wait for each other in a circle.
ADD: Final = """
    with wanted as (
        select w.id, min(w.place) as place
        from unnest(%(artifacts)s::text[]) with ordinality as w (id, place)
        group by w.id
    ),

    home as (
        select g.id, g.collection_id from groups as g where g.id = %(group)s
    ),

    strangers as (
        select w.id
        from wanted as w
        cross join home as h
        where not exists (
            select
            from collection_artifacts as m
            where m.collection_id = h.collection_id and m.artifact_id = w.id
        )
    ),

    missing as (
        select
            h.collection_id,
            h.id as group_id,
            w.id,
            row_number() over (order by w.place) - 1 as place
        from wanted as w
        cross join home as h
        where not exists (
            select from group_artifacts as g where g.group_id = h.id and g.artifact_id = w.id
        )
    ),

    moved as (
        update group_artifacts as g
        set position = g.position + (select count(*) from missing)
        from home as h
        where
            g.group_id = h.id
            and g.position >= %(position)s::integer
            and exists (select from missing)
            and not exists (select from strangers)
    ),

    added as (
        insert into group_artifacts (collection_id, group_id, artifact_id, position)
        select
            m.collection_id,
            m.group_id,
            m.id,
            coalesce(%(position)s::integer, (
                select max(g.position) + 1 from group_artifacts as g where g.group_id = m.group_id
            ), 0) + m.place
        from missing as m
        where not exists (select from strangers)
        order by m.id
        on conflict do nothing
        returning artifact_id
    )

    select
        exists (select from home) as parent_exists,
        array(select s.id from strangers as s order by s.id) as strangers,
        (select count(*) from added) as added,
        (select count(*) from wanted) - (select count(*) from added) as already_present,
        -- What this statement sees, and those that it saw missing, whoever has put them there now.
        coalesce(
            (select s.artifact_count from group_summaries as s where s.id = %(group)s), 0
        ) + (select count(*) from missing) as artifact_count
"""


def add_to_group(
    conn: Conn, group_id: str, artifact_ids: Iterable[str], *, position: int | None = None
) -> AddResult:
    """Put members of the group's collection at the end of the group, or at `position`.

    Artifacts that are in the group stay; those from `position` on move down. Raises `UnknownGroup`,
    or `UnknownArtifact` that names all that are no members of the collection.
    """
    values = {"group": group_id, "artifacts": list(artifact_ids), "position": position}
    outcome = fetch_one(conn, _Outcome, ADD, values)
    if not outcome.parent_exists:
        raise UnknownGroup.from_ids(group_id)
    if outcome.strangers:
        raise UnknownArtifact.from_ids(*outcome.strangers, where=" in the group's collection")
    return AddResult(outcome.added, outcome.already_present, outcome.artifact_count)


REMOVE: Final = """
    with gone as (
        delete from group_artifacts
        where group_id = %(group)s and artifact_id = any (%(artifacts)s::text[])
        returning artifact_id, position
    ),

    moved as (
        update group_artifacts as g
        set position = g.position - (select count(*) from gone where position < g.position)
        where
            g.group_id = %(group)s
            and g.position > (select min(position) from gone)
            and not exists (select from gone where gone.artifact_id = g.artifact_id)
    )

    select count(*) from gone
"""


def remove_from_group(conn: Conn, group_id: str, artifact_ids: Iterable[str]) -> int:
    """Take artifacts out of a group, not out of its collection; return how many were in it.

    Those behind them move up.
    """
    return int(fetch_scalar(conn, REMOVE, {"group": group_id, "artifacts": list(artifact_ids)}))


@dataclass(frozen=True, slots=True)
class _Moved:
    group_exists: bool
    strangers: list[str]


# Nothing is moved unless all are in the group. A row is locked in the order of ids, so that two of
# these at once cannot wait for each other in a circle.
MOVE: Final = SQL(
    """
    with places as (
        select s.id, {uuid} as uuid
        from group_artifacts as g
        inner join artifacts as s on s.id = g.artifact_id
        where g.group_id = %(group)s
    ),

    wanted as (
        select
            w.known_as,
            w.position,
            (
                select p.id
                from places as p
                where w.known_as in (p.id, p.uuid)
                order by p.id = w.known_as desc
                limit 1
            ) as id
        from unnest(%(artifacts)s::text[], %(positions)s::integer[]) as w (known_as, position)
    ),

    strangers as (
        select w.known_as as id from wanted as w where w.id is null
    ),

    held as (
        select g.artifact_id
        from group_artifacts as g
        where g.group_id = %(group)s and g.artifact_id in (select w.id from wanted as w)
        order by g.artifact_id
        for no key update
    ),

    moved as (
        update group_artifacts as g
        set position = w.position
        from wanted as w
        inner join held as h on h.artifact_id = w.id
        where
            g.group_id = %(group)s
            and g.artifact_id = h.artifact_id
            and not exists (select from strangers)
    )

    select
        exists (select from groups as g where g.id = %(group)s) as group_exists,
        array(select s.id from strangers as s order by s.id) as strangers
    """
).format(uuid=UUID)


def move_in_group(conn: Conn, group_id: str, positions: Mapping[str, int]) -> None:
    """Give artifacts of a group, by id or uuid, new positions; the others stay where they are.

    Raises `UnknownGroup`, or `UnknownArtifact` that names all that are not in the group; nothing is
    moved then.
    """
    values = {
        "group": group_id,
        "artifacts": list(positions),
        "positions": list(positions.values()),
    }
    moved = fetch_one(conn, _Moved, MOVE, values)
    if not moved.group_exists:
        raise UnknownGroup.from_ids(group_id)
    if moved.strangers:
        raise UnknownArtifact.from_ids(*moved.strangers, where=" in the group")
