"""Groups: ordered parts of a collection, each with its exact count."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from psycopg.sql import SQL

from skillmeat.catalogue.optimistic_locking import IS_UNCHANGED, check_unchanged, delete_row
from skillmeat.database.query import (
    UNSET,
    Conn,
    NotGiven,
    build_assignments,
    build_columns,
    drop_unset,
    fetch_all,
    fetch_one,
    fetch_one_or_none,
)
from skillmeat.errors import UnknownCollection, UnknownGroup


@dataclass(frozen=True, slots=True)
class Group:
    """A row of `group_summaries`: its count is exact."""

    id: str
    collection_id: str
    name: str
    description: str | None
    color: str
    icon: str
    position: int
    artifact_count: int
    created_at: datetime
    updated_at: datetime
    tags: list[str]


CREATE: Final = """
    insert into groups (id, collection_id, name, description, tags, color, icon, position)
    select
        coalesce(%(id)s, replace(gen_random_uuid()::text, '-', '')),
        c.id, %(name)s, %(description)s, %(tags)s::text[], %(color)s, %(icon)s,
        coalesce(%(position)s, (
            select max(g.position) + 1 from groups as g where g.collection_id = c.id
        ), 0)
    from collections as c
    where c.id = %(collection)s
    returning
        id::text, collection_id, name::text, description, color, icon, position,
        artifact_count::bigint,
        created_at, updated_at, tags
"""


def create_group(  # noqa: PLR0913 - a row has these columns
    conn: Conn,
    collection_id: str,
    *,
    name: str,
    id: str | None = None,  # noqa: A002
    description: str | None = None,
    tags: Iterable[str] = (),
    color: str = "slate",
    icon: str = "layers",
    position: int | None = None,
) -> Group:
    """Create an empty group, the last of its collection unless `position` is given.

    Raises `UnknownCollection`, `Duplicate` for a name that the collection has, `InvalidValue`.
    """
    created = fetch_one_or_none(
        conn,
        Group,
        CREATE,
        {
            "collection": collection_id,
            "id": id,
            "name": name,
            "description": description,
            "tags": list(tags),
            "color": color,
            "icon": icon,
            "position": position,
        },
    )
    if created is None:
        raise UnknownCollection.from_ids(collection_id)
    return created


EDIT: Final = SQL(
    """
    update groups as g
    set {assignments}
    where
        g.id = %(group)s
        and {is_unchanged}
    returning
        g.id::text, g.collection_id, g.name::text, g.description, g.color, g.icon, g.position,
        (select s.artifact_count from group_summaries as s where s.id = g.id) as artifact_count,
        g.created_at, g.updated_at, g.tags
    """
)


def edit_group(  # noqa: PLR0913 - a row has these columns
    conn: Conn,
    id: str,  # noqa: A002
    *,
    name: str | NotGiven = UNSET,
    description: str | NotGiven | None = UNSET,
    tags: list[str] | NotGiven = UNSET,
    color: str | NotGiven = UNSET,
    icon: str | NotGiven = UNSET,
    position: int | NotGiven = UNSET,
    if_updated_at: list[datetime] | None = None,
) -> Group:
    """Change the columns that are given.

    With `if_updated_at`, change the group only if its `updated_at` is one of these. Raises
    `UnknownGroup`, `RowChanged`, `Duplicate`, `InvalidValue`; `TypeError` if nothing is given.
    """
    given = drop_unset(
        name=name,
        description=description,
        tags=tags,
        color=color,
        icon=icon,
        position=position,
    )
    values = {"group": id, "if_updated_at": if_updated_at, **given}
    edited = fetch_one_or_none(
        conn,
        Group,
        EDIT.format(assignments=build_assignments(given), is_unchanged=IS_UNCHANGED),
        values,
    )
    if edited is None:
        check_unchanged(conn, id, noun="group", if_updated_at=if_updated_at)
        raise UnknownGroup.from_ids(id)
    return edited


def delete_group(
    conn: Conn,
    id: str,  # noqa: A002
    *,
    if_updated_at: list[datetime] | None = None,
) -> bool:
    """Delete a group; its artifacts stay in the collection. Return whether it existed.

    With `if_updated_at`, delete it only if its `updated_at` is one of these. Raises `RowChanged`.
    """
    return delete_row(conn, id, noun="group", if_updated_at=if_updated_at)


COLUMNS: Final = build_columns(Group)
READ: Final = SQL("select {} from group_summaries where id = %(id)s").format(COLUMNS)


def get_group(conn: Conn, id: str) -> Group | None:  # noqa: A002
    """Read one group, or None."""
    return fetch_one_or_none(conn, Group, READ, {"id": id})


LIST: Final = SQL(
    "select {} from group_summaries where collection_id = %(collection)s order by position, id"
).format(COLUMNS)


def list_groups(conn: Conn, collection_id: str) -> tuple[Group, ...]:
    """Read the groups of a collection by position."""
    return fetch_all(conn, Group, LIST, {"collection": collection_id})


@dataclass(frozen=True, slots=True)
class _OrderOutcome:
    collection_exists: bool
    unknown: list[str]


# Rows are locked in the order of ids: two of these statements cannot deadlock.
ORDER: Final = """
    with wanted as (
        select w.id, min(w.place)::integer - 1 as position
        from unnest(%(groups)s::text[]) with ordinality as w (id, place)
        group by w.id
    ),

    locked as (
        select g.id
        from groups as g
        where g.collection_id = %(collection)s and g.id in (select w.id from wanted as w)
        order by g.id
        for no key update
    ),

    unknown as (
        select w.id from wanted as w where w.id not in (select l.id from locked as l)
    ),

    moved as (
        update groups as g
        set position = w.position
        from wanted as w
        where
            g.id = w.id
            and g.position is distinct from w.position
            and not exists (select from unknown)
    )

    select
        exists (
            select from collections as c where c.id = %(collection)s
        ) as collection_exists,
        array(select u.id from unknown as u order by u.id) as unknown
"""


def order_groups(conn: Conn, collection_id: str, group_ids: Iterable[str]) -> None:
    """Give groups of a collection the positions from 0 on, in this order; others keep theirs.

    Raises `UnknownCollection`, or `UnknownGroup`, which names every group outside the
    collection. Then no group is moved.
    """
    values = {"collection": collection_id, "groups": list(group_ids)}
    outcome = fetch_one(conn, _OrderOutcome, ORDER, values)
    if not outcome.collection_exists:
        raise UnknownCollection.from_ids(collection_id)
    if outcome.unknown:
        raise UnknownGroup.from_ids(*outcome.unknown, where=" in the collection")


@dataclass(frozen=True, slots=True)
class _CopyOutcome:
    group_exists: bool
    id: str | None


# Artifacts join the collection and the group in the order of ids: two of these statements cannot
# deadlock. The foreign keys are checked after all inserts.
COPY: Final = """
    with original as (
        select g.* from groups as g where g.id = %(group)s
    ),

    copied as (
        insert into groups (collection_id, name, description, tags, color, icon, position)
        select
            c.id, left(o.name, 255 - length(' (Copy)')) || ' (Copy)', o.description, o.tags,
            o.color, o.icon,
            coalesce(
                (select max(g.position) + 1 from groups as g where g.collection_id = c.id), 0
            )
        from original as o
        inner join collections as c on c.id = %(collection)s
        returning id, collection_id
    ),

    members as (
        select c.collection_id, c.id as group_id, p.artifact_id, p.position
        from copied as c
        inner join group_artifacts as p on p.group_id = %(group)s
    ),

    joined as (
        insert into collection_artifacts (collection_id, artifact_id)
        select m.collection_id, m.artifact_id
        from members as m
        order by m.artifact_id
        on conflict do nothing
    ),

    filled as (
        insert into group_artifacts (collection_id, group_id, artifact_id, position)
        select m.collection_id, m.group_id, m.artifact_id, m.position
        from members as m
        order by m.artifact_id
    )

    select
        exists (select from original) as group_exists,
        (select c.id::text from copied as c) as id
"""


def copy_group(conn: Conn, id: str, *, to_collection: str) -> str:  # noqa: A002
    """Copy a group and its artifacts to a collection, also to its own; return the copy's id.

    The copy's name ends in ` (Copy)`. Its artifacts join the collection. Raises `UnknownGroup`,
    `UnknownCollection`, and `Duplicate` if the collection has a group of that name.
    """
    outcome = fetch_one(conn, _CopyOutcome, COPY, {"group": id, "collection": to_collection})
    if not outcome.group_exists:
        raise UnknownGroup.from_ids(id)
    if outcome.id is None:
        raise UnknownCollection.from_ids(to_collection)
    return outcome.id
