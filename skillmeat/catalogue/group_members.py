"""Members of groups: add, remove and move them; each is a member of the group's collection."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from psycopg.sql import SQL

from skillmeat.catalogue.artifact_metadata import UUID
from skillmeat.catalogue.memberships import AddResult
from skillmeat.database.query import Conn, fetch_one, fetch_scalar
from skillmeat.errors import UnknownArtifact, UnknownGroup


@dataclass(frozen=True, slots=True)
class _AddOutcome:
    group_exists: bool
    unknown: list[str]
    added: int
    already_present: int
    artifact_count: int


# Rows are locked and inserted in the order of ids: two statements of this module cannot deadlock.
# Other sessions may have moved a row since the statement began: new positions follow from those of
# the locked rows.
LOCKED: Final = SQL(
    """
    locked as (
        select g.group_id, g.artifact_id, g.position
        from later as l
        inner join group_artifacts as g
            on g.group_id = l.group_id and g.artifact_id = l.artifact_id
        order by g.artifact_id
        for no key update of g
    )
    """
)

# Positions follow the caller's order. Nothing is written unless every artifact is a member of the
# collection.
ADD: Final = SQL(
    """
    with requested as (
        select r.id, min(r.ordinal) as ordinal
        from unnest(%(artifacts)s::text[]) with ordinality as r (id, ordinal)
        group by r.id
    ),

    target as (
        select g.id, g.collection_id from groups as g where g.id = %(group)s
    ),

    unknown as (
        select r.id
        from requested as r
        cross join target as t
        where not exists (
            select
            from collection_artifacts as m
            where m.collection_id = t.collection_id and m.artifact_id = r.id
        )
    ),

    new_members as (
        select
            t.collection_id,
            t.id as group_id,
            r.id,
            row_number() over (order by r.ordinal) - 1 as offset_in_group
        from requested as r
        cross join target as t
        where not exists (
            select from group_artifacts as g where g.group_id = t.id and g.artifact_id = r.id
        )
    ),

    later as materialized (
        select g.group_id, g.artifact_id
        from group_artifacts as g
        inner join target as t on t.id = g.group_id
        where
            g.position >= %(position)s::integer
            and exists (select from new_members)
            and not exists (select from unknown)
    ),

    {locked},

    shifted as (
        update group_artifacts as g
        set position = l.position + (select count(*) from new_members)
        from locked as l
        where g.group_id = l.group_id and g.artifact_id = l.artifact_id
    ),

    added as (
        insert into group_artifacts (collection_id, group_id, artifact_id, position)
        select
            n.collection_id,
            n.group_id,
            n.id,
            coalesce(%(position)s::integer, (
                select max(g.position) + 1 from group_artifacts as g where g.group_id = %(group)s
            ), 0) + n.offset_in_group
        from new_members as n
        where not exists (select from unknown)
        order by n.id
        on conflict do nothing
        returning artifact_id
    )

    select
        exists (select from target) as group_exists,
        array(select u.id from unknown as u order by u.id) as unknown,
        (select count(*) from added) as added,
        (select count(*) from requested) - (select count(*) from added) as already_present,
        -- The count that this statement sees, plus the artifacts that it found missing. They are in
        -- the group now, added by this session or by another.
        coalesce(
            (select s.artifact_count from group_summaries as s where s.id = %(group)s), 0
        ) + (select count(*) from new_members) as artifact_count
    """
).format(locked=LOCKED)


def add_to_group(
    conn: Conn, group_id: str, artifact_ids: Iterable[str], *, position: int | None = None
) -> AddResult:
    """Add members of the collection to a group, at its end or at `position`.

    Artifacts that are already in the group stay; those from `position` on move down. Sessions that
    add at the same time do not wait for each other, so their artifacts may get equal positions:
    every list has those in the order of ids. Raises `UnknownGroup`, `UnknownArtifact`, which names
    every artifact outside the collection, or `InvalidValue` for a position that is negative or too
    large. Then nothing is added.
    """
    values = {"group": group_id, "artifacts": list(artifact_ids), "position": position}
    outcome = fetch_one(conn, _AddOutcome, ADD, values)
    if not outcome.group_exists:
        raise UnknownGroup.from_ids(group_id)
    if outcome.unknown:
        raise UnknownArtifact.from_ids(*outcome.unknown, where=" in the group's collection")
    return AddResult(outcome.added, outcome.already_present, outcome.artifact_count)


# Counting the locked rows locks all of them before the first one is deleted.
REMOVE: Final = SQL(
    """
    with later as materialized (
        select g.group_id, g.artifact_id
        from group_artifacts as g
        where
            g.group_id = %(group)s
            and g.position >= (
                select min(m.position)
                from group_artifacts as m
                where m.group_id = %(group)s and m.artifact_id = any (%(artifacts)s::text[])
            )
    ),

    {locked},

    removed as (
        delete from group_artifacts
        where
            group_id = %(group)s
            and artifact_id = any (%(artifacts)s::text[])
            and (select count(*) from locked) > 0
        returning artifact_id, position
    ),

    remaining as (
        select l.group_id, l.artifact_id, l.position
        from locked as l
        where l.artifact_id not in (select r.artifact_id from removed as r)
    ),

    -- Artifacts that were added at once may share a position.
    emptied as (
        select distinct r.position
        from removed as r
        where r.position not in (select l.position from remaining as l)
    ),

    -- width_bucket() finds how many of the sorted positions are before that of an artifact.
    shifted as (
        update group_artifacts as g
        set position = l.position - width_bucket(
            l.position - 1, (select array_agg(e.position order by e.position) from emptied as e)
        )
        from remaining as l
        where
            g.group_id = l.group_id
            and g.artifact_id = l.artifact_id
            and l.position > (select min(e.position) from emptied as e)
    )

    select count(*) from removed
    """
).format(locked=LOCKED)


def remove_from_group(conn: Conn, group_id: str, artifact_ids: Iterable[str]) -> int:
    """Remove artifacts from a group, not from its collection; return how many were in it.

    The artifacts behind them move up.
    """
    return int(fetch_scalar(conn, REMOVE, {"group": group_id, "artifacts": list(artifact_ids)}))


@dataclass(frozen=True, slots=True)
class _MoveOutcome:
    group_exists: bool
    unknown: list[str]


# Nothing is moved unless every artifact is in the group.
#
# Right after a group is filled, the planner takes it for empty, and would compare each artifact of
# the request with each of the group. LIMIT, the JSON object and a group's id that comes from a row
# leave it only lookups.
MOVE: Final = SQL(
    """
    with named as (
        select r.id_or_uuid, r.position, g.artifact_id as id
        from unnest(%(artifacts)s::text[], %(positions)s::integer[]) as r (id_or_uuid, position)
        left join lateral (
            select m.artifact_id
            from group_artifacts as m
            where m.group_id = %(group)s and m.artifact_id = r.id_or_uuid
            limit 1
        ) as g on true
    ),

    -- No index has the uuids. The group is read for them only if something is no id in it.
    by_uuid as (
        select jsonb_object_agg({uuid}, s.id order by s.id desc) as ids
        from group_artifacts as g
        inner join artifacts as s on s.id = g.artifact_id
        where g.group_id = %(group)s and exists (select from named as n where n.id is null)
    ),

    requested as (
        select
            %(group)s::text as group_id,
            n.id_or_uuid,
            n.position,
            coalesce(n.id, (select u.ids from by_uuid as u) ->> n.id_or_uuid) as id
        from named as n
    ),

    unknown as (
        select r.id_or_uuid as id from requested as r where r.id is null
    ),

    locked as (
        select g.group_id, g.artifact_id, r.position
        from requested as r
        inner join group_artifacts as g on g.group_id = r.group_id and g.artifact_id = r.id
        order by g.artifact_id
        for no key update of g
    ),

    moved as (
        update group_artifacts as g
        set position = l.position
        from locked as l
        where
            g.group_id = l.group_id
            and g.artifact_id = l.artifact_id
            and not exists (select from unknown)
    )

    select
        exists (select from groups as g where g.id = %(group)s) as group_exists,
        array(select u.id from unknown as u order by u.id) as unknown
    """
).format(uuid=UUID)


def move_in_group(conn: Conn, group_id: str, positions: Mapping[str, int]) -> None:
    """Set the positions of a group's artifacts, by id or uuid; the others keep theirs.

    Raises `UnknownGroup`, `UnknownArtifact`, which names every artifact outside the group, or
    `InvalidValue` for a position that is negative or too large. Then no artifact is moved.
    """
    values = {
        "group": group_id,
        "artifacts": list(positions),
        "positions": list(positions.values()),
    }
    outcome = fetch_one(conn, _MoveOutcome, MOVE, values)
    if not outcome.group_exists:
        raise UnknownGroup.from_ids(group_id)
    if outcome.unknown:
        raise UnknownArtifact.from_ids(*outcome.unknown, where=" in the group")
