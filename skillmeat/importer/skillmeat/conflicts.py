"""Under which ids and names the rows of a source are found here, where others may have them."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from psycopg.sql import SQL, Identifier

from skillmeat.importer.readers.skillmeat import (
    HeldCollection,
    HeldGroup,
    HeldTag,
    HeldTemplate,
    Holdings,
    Note,
)
from skillmeat.importer.readers.skillmeat.renaming import free
from skillmeat.importer.readers.text import escape
from skillmeat.query import Conn, all_rows

_Named = HeldCollection | HeldGroup | HeldTemplate


@dataclass(frozen=True, slots=True)
class Here:
    """A row that is here already; `home` is what its name is unique in, `slug` a tag's."""

    id: str
    name: str
    home: str
    slug: str
    updated_at: datetime
    is_ours: bool


# An import of other sources has made `default` for want of a better one, or a file that knows no
# more of it than what it is called.
_HERE: Final = SQL(
    """
    select
        t.id, t.name::text as name, {home} as home, {slug} as slug, t.updated_at,
        {is_ours} as is_ours
    from {table} as t
    """
)
_MADE_HERE: Final = SQL(
    """
    t.id = 'default'
    and (
        t.description like 'Every artifact that was imported%%'
        or (t.name = t.id and t.description is null)
    )
    """
)


def here(conn: Conn, table: str) -> dict[str, Here]:
    """The rows of a table that a source may have as well, by id."""
    statement = _HERE.format(
        table=Identifier(table),
        home=SQL("t.collection_id" if table == "groups" else "''"),
        slug=SQL("t.slug" if table == "tags" else "''"),
        is_ours=_MADE_HERE if table == "collections" else SQL("false"),
    )
    return {row.id: row for row in all_rows(conn, Here, statement, {})}


@dataclass(frozen=True, slots=True)
class Resolved:
    """What goes into each table, with the names that it can have, and whether it replaces."""

    tags: tuple[tuple[HeldTag, bool], ...]
    tag_ids: Mapping[str, str]
    """The id of each slug."""
    collections: tuple[tuple[HeldCollection, bool], ...]
    collection_ids: Mapping[str, str]
    """The id here of each collection of the source."""
    groups: tuple[tuple[HeldGroup, bool], ...]
    templates: tuple[tuple[HeldTemplate, bool], ...]
    mended: tuple[Note, ...]


def resolve(conn: Conn, holdings: Holdings) -> Resolved:
    """Find each row its place beside those that are here."""
    mended: list[Note] = []
    tags, tag_ids = _tags(here(conn, "tags"), holdings, mended)
    collections, collection_ids = _collections(here(conn, "collections"), holdings, mended)
    groups = _groups(here(conn, "groups"), holdings, collection_ids, mended)
    templates = _templates(here(conn, "project_templates"), holdings, collection_ids, mended)
    return Resolved(tags, tag_ids, collections, collection_ids, groups, templates, tuple(mended))


def _wins(row: Here | None, updated_at: datetime | None) -> bool:
    """Whether what a source says is the newer word."""
    if row is None or row.is_ours:
        return True
    return updated_at is not None and updated_at >= row.updated_at


def _tags(
    known: Mapping[str, Here], holdings: Holdings, mended: list[Note]
) -> tuple[tuple[tuple[HeldTag, bool], ...], dict[str, str]]:
    winners = {
        tag.id: tag
        for tag in holdings.tags
        if tag.id and tag.id in known and _wins(known[tag.id], tag.updated_at)
    }
    while True:
        staying = [row for row in known.values() if row.id not in winners]
        by_slug = {row.slug: row.id for row in staying}
        by_name = {row.name: row.id for row in staying}
        # A name or slug that another tag keeps cannot be taken, and then that one stays as well.
        other_contents = [
            key for key, tag in winners.items() if tag.slug in by_slug or tag.name in by_name
        ]
        if not other_contents:
            break
        for key in other_contents:
            del winners[key]
    found: list[tuple[HeldTag, bool]] = []
    ids: dict[str, str] = {}
    for tag in holdings.tags:
        other = None if tag.id in known else by_slug.get(tag.slug) or by_name.get(tag.name)
        key = other or tag.id or _made_id("tag", tag.slug)
        ids[tag.slug] = key
        if other is None:
            found.append((replace(tag, id=key), key in winners or key not in known))
        elif tag.id:
            reason = f"is here already, as {escape(known[other].name)}"
            mended.append(Note(f"tag {escape(tag.name)}", reason))
    return tuple(found), ids


def _made_id(*parts: str) -> str:
    return hashlib.md5(":".join(parts).encode(), usedforsecurity=False).hexdigest()


def _collections(
    known: Mapping[str, Here], holdings: Holdings, mended: list[Note]
) -> tuple[tuple[tuple[HeldCollection, bool], ...], dict[str, str]]:
    # One that the source has under its id is no other one of the source as well.
    theirs = {each.id for each in holdings.collections}
    by_name = {row.name: row.id for row in known.values() if row.id not in theirs}
    ids = {
        each.id: by_name.get(each.name, each.id)
        if each.is_named_only and each.id not in known
        else each.id
        for each in holdings.collections
    }
    # What is known by its name alone has nothing to say to one that is here.
    rows = [
        each for each in holdings.collections if not (each.is_named_only and ids[each.id] in known)
    ]
    winners = {each.id for each in rows if _wins(known.get(each.id), each.updated_at)}
    names = _Names(known, (each for each in rows if each.id in winners), "collection", mended)
    return tuple(
        (replace(each, name=names.take(each)), True) if each.id in winners else (each, False)
        for each in rows
    ), ids


def _groups(
    known: Mapping[str, Here],
    holdings: Holdings,
    collection_ids: Mapping[str, str],
    mended: list[Note],
) -> tuple[tuple[HeldGroup, bool], ...]:
    rows = [
        replace(each, collection_id=collection_ids[each.collection_id]) for each in holdings.groups
    ]
    winners = {each.id for each in rows if _wins(known.get(each.id), each.updated_at)}
    names = _Names(known, (each for each in rows if each.id in winners), "group", mended)
    return tuple(
        (replace(each, name=names.take(each)), True) if each.id in winners else (each, False)
        for each in rows
    )


def _templates(
    known: Mapping[str, Here],
    holdings: Holdings,
    collection_ids: Mapping[str, str],
    mended: list[Note],
) -> tuple[tuple[HeldTemplate, bool], ...]:
    rows = [
        replace(each, collection_id=collection_ids.get(each.collection_id or ""))
        for each in holdings.templates
    ]
    winners = {each.id for each in rows if _wins(known.get(each.id), each.updated_at)}
    names = _Names(known, (each for each in rows if each.id in winners), "template", mended)
    return tuple(
        (replace(each, name=names.take(each)), True) if each.id in winners else (each, False)
        for each in rows
    )


class _Names:
    """Who has which name: those that stay as they are have theirs, then the first to ask."""

    def __init__(
        self, known: Mapping[str, Here], winners: Iterable[_Named], kind: str, mended: list[Note]
    ) -> None:
        asking = {each.id: each for each in winners}
        self._taken = {(row.home, row.name) for row in known.values() if row.id not in asking}
        self._wanted = {(_home(each), each.name) for each in asking.values()}
        self._kind = kind
        self._mended = mended

    def take(self, row: _Named) -> str:
        """Its name, or with the first number behind it that nobody else has or is called by."""
        home, name = _home(row), row.name
        if (home, name) in self._taken:
            name = free(
                name, lambda each: (home, each) in self._taken or (home, each) in self._wanted
            )
        self._taken.add((home, name))
        if name != row.name:
            reason = f"has the name of another: it is {escape(name)} here"
            self._mended.append(Note(f"{self._kind} {escape(row.name)}", reason))
        return name


def _home(row: _Named) -> str:
    return row.collection_id if isinstance(row, HeldGroup) else ""
