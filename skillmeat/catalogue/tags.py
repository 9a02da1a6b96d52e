"""Tags: create, edit, list and delete them, each with its exact count."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from psycopg.sql import SQL

from skillmeat.catalogue.optimistic_locking import IS_UNCHANGED, check_unchanged, delete_row
from skillmeat.catalogue.pagination import Page, build_forward_page, get_fetch_limit
from skillmeat.catalogue.slugs import slugify
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
from skillmeat.errors import UnknownTag


@dataclass(frozen=True, slots=True)
class Tag:
    """A row of `tag_summaries`: its count is exact."""

    id: str
    name: str
    slug: str
    color: str | None
    artifact_count: int
    created_at: datetime
    updated_at: datetime


CREATE: Final = """
    insert into tags (name, slug, color)
    values (%(name)s, %(slug)s, %(color)s)
    returning
        id::text, name::text, slug::text, color, artifact_count::bigint, created_at, updated_at
"""


def create_tag(conn: Conn, *, name: str, slug: str | None = None, color: str | None = None) -> Tag:
    """Create a tag. `slug` defaults to the slug of the name; `color` is `#rrggbb`.

    Raises `Duplicate` if the name or slug is taken, and `InvalidValue`.
    """
    values = {"name": name, "slug": slugify(name) if slug is None else slug, "color": color}
    return fetch_one(conn, Tag, CREATE, values)


EDIT: Final = SQL(
    """
    update tags as t
    set {assignments}
    where
        t.id = %(tag)s
        and {is_unchanged}
    returning
        t.id::text, t.name::text, t.slug::text, t.color,
        (select s.artifact_count from tag_summaries as s where s.id = t.id) as artifact_count,
        t.created_at, t.updated_at
    """
)


def edit_tag(  # noqa: PLR0913 - a row has these columns
    conn: Conn,
    id: str,  # noqa: A002
    *,
    name: str | NotGiven = UNSET,
    slug: str | NotGiven = UNSET,
    color: str | NotGiven | None = UNSET,
    if_updated_at: list[datetime] | None = None,
) -> Tag:
    """Change the columns that are given; a new name leaves the slug as it is.

    With `if_updated_at`, change the tag only if its `updated_at` is one of these. Raises
    `UnknownTag`, `RowChanged`, `Duplicate`, `InvalidValue`; `TypeError` if nothing is given.
    """
    given = drop_unset(name=name, slug=slug, color=color)
    statement = EDIT.format(assignments=build_assignments(given), is_unchanged=IS_UNCHANGED)
    values = {"tag": id, "if_updated_at": if_updated_at, **given}
    edited = fetch_one_or_none(conn, Tag, statement, values)
    if edited is None:
        check_unchanged(conn, id, noun="tag", if_updated_at=if_updated_at)
        raise UnknownTag.from_ids(id)
    return edited


def delete_tag(
    conn: Conn,
    id: str,  # noqa: A002
    *,
    if_updated_at: list[datetime] | None = None,
) -> bool:
    """Delete a tag and untag every artifact. Return whether it existed.

    With `if_updated_at`, delete it only if its `updated_at` is one of these. Raises `RowChanged`.
    """
    return delete_row(conn, id, noun="tag", if_updated_at=if_updated_at)


COLUMNS: Final = build_columns(Tag)
FIND: Final = SQL("select {} from tag_summaries where slug = %(slug)s").format(COLUMNS)


def find_tag(conn: Conn, slug: str) -> Tag:
    """Read the tag with this slug. Raises `UnknownTag`."""
    found = fetch_one_or_none(conn, Tag, FIND, {"slug": slug})
    if found is None:
        raise UnknownTag.from_ids(slug)
    return found


LIST: Final = SQL(
    """
    select {}
    from tag_summaries
    where
        id > coalesce(%(after)s::text, '')
        and (
            %(search)s::text is null
            or strpos(lower(name collate "default"), lower(%(search)s::text)) > 0
        )
    order by id
    limit %(rows)s
    """
).format(COLUMNS)


def list_tags(
    conn: Conn, *, limit: int = 50, after: str | None = None, search: str | None = None
) -> Page[Tag]:
    """Read a page of tags by id, after the cursor `after`.

    `search` keeps the tags with a name that contains it, ignoring case. Raises `InvalidValue`.
    """
    values = {"after": after, "search": search, "rows": get_fetch_limit(limit)}
    return build_forward_page(fetch_all(conn, Tag, LIST, values), limit=limit)
