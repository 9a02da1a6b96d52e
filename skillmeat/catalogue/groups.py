"""Groups: ordered parts of a collection, each with its exact count."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from psycopg.sql import SQL

from skillmeat.errors import UnknownCollection, UnknownGroup
from skillmeat.query import (
    UNSET,
    Conn,
    NotGiven,
    build_assignments,
    drop_unset,
    execute,
    fetch_all,
    fetch_one_or_none,
)


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
        id::text, collection_id, name::text, description, color, icon, position, artifact_count,
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
    where g.id = %(group)s
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
) -> Group:
    """Change the columns that are given.

    Raises `UnknownGroup`, `Duplicate`, `InvalidValue`; `TypeError` if nothing is given.
    """
    given = drop_unset(
        name=name,
        description=description,
        tags=tags,
        color=color,
        icon=icon,
        position=position,
    )
    values = {"group": id, **given}
    edited = fetch_one_or_none(
        conn, Group, EDIT.format(assignments=build_assignments(given)), values
    )
    if edited is None:
        raise UnknownGroup.from_ids(id)
    return edited


DELETE: Final = "delete from groups where id = %(id)s"


def delete_group(conn: Conn, id: str) -> bool:  # noqa: A002
    """Delete a group; its artifacts stay in the collection. Return whether it existed."""
    return execute(conn, DELETE, {"id": id}) > 0


READ: Final = "select * from group_summaries where id = %(id)s"


def get_group(conn: Conn, id: str) -> Group | None:  # noqa: A002
    """Read one group, or None."""
    return fetch_one_or_none(conn, Group, READ, {"id": id})


LIST: Final = """
    select * from group_summaries where collection_id = %(collection)s order by position, id
"""


def list_groups(conn: Conn, collection_id: str) -> tuple[Group, ...]:
    """Read the groups of a collection by position."""
    return fetch_all(conn, Group, LIST, {"collection": collection_id})
