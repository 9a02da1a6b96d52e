"""Under which ids and names the rows of a source are found here, where others may have them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from psycopg.sql import SQL, Identifier

from skillmeat.query import Conn, all_rows
from skillmeat.sources.names import shown
from skillmeat.sources.skillmeat import (
    HeldCollection,
    HeldGroup,
    HeldTag,
    HeldTemplate,
    Holdings,
    Note,
)
from skillmeat.sources.skillmeat.naming import free


@dataclass(frozen=True, slots=True)
class Here:
    """A row that is here already; `home` is what its name is unique in, `slug` a tag's."""

    id: str
    name: str
    home: str
    slug: str
    updated_at: datetime
    is_ours: bool


# An import of other sources has made `default` for want of a better one.
_HERE: Final = SQL(
    """
    select
        t.id, t.name::text as name, {home} as home, {slug} as slug, t.updated_at,
        {is_ours} as is_ours
    from {table} as t
    """
)
_MADE_HERE: Final = SQL(
    "t.id = 'default' and t.description like 'Every artifact that was imported%%'"
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
    tags, tag_ids = _tags(here(conn, "tags"), holdings)
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
    known: Mapping[str, Here], holdings: Holdings
) -> tuple[tuple[tuple[HeldTag, bool], ...], dict[str, str]]:
    by_slug = {row.slug: row for row in known.values()}
    by_name = {row.name: row for row in known.values()}
    found: list[tuple[HeldTag, bool]] = []
    ids: dict[str, str] = {}
    for tag in holdings.tags:
        other = by_slug.get(tag.slug) or by_name.get(tag.name)
        if other is not None and other.id != tag.id:
            ids[tag.slug] = other.id
            continue
        made = replace(tag, id=tag.id or _made_id("tag", tag.slug))
        ids[tag.slug] = str(made.id)
        found.append((made, _wins(known.get(str(made.id)), tag.updated_at)))
    return tuple(found), ids


def _made_id(*parts: str) -> str:
    return hashlib.md5(":".join(parts).encode(), usedforsecurity=False).hexdigest()


def _collections(
    known: Mapping[str, Here], holdings: Holdings, mended: list[Note]
) -> tuple[tuple[tuple[HeldCollection, bool], ...], dict[str, str]]:
    by_name = {row.name: row for row in known.values()}
    named = _Names({("", row.name): row.id for row in known.values()})
    found: list[tuple[HeldCollection, bool]] = []
    ids: dict[str, str] = {}
    for each in holdings.collections:
        same = known.get(each.id) or (by_name.get(each.name) if each.is_named_only else None)
        ids[each.id] = same.id if same else each.id
        if each.is_named_only and same:
            continue
        wins = _wins(same, each.updated_at)
        if wins:
            name = named.take("", each.name, each.id)
            if name != each.name:
                reason = f"has the name of another: it is {shown(name)} here"
                mended.append(Note(f"collection {shown(each.name)}", reason))
            each = replace(each, name=name)  # noqa: PLW2901
        found.append((each, wins))
    return tuple(found), ids


def _groups(
    known: Mapping[str, Here],
    holdings: Holdings,
    collection_ids: Mapping[str, str],
    mended: list[Note],
) -> tuple[tuple[HeldGroup, bool], ...]:
    named = _Names({(row.home, row.name): row.id for row in known.values()})
    found: list[tuple[HeldGroup, bool]] = []
    for each in holdings.groups:
        home = collection_ids[each.collection_id]
        wins = _wins(known.get(each.id), each.updated_at)
        name = named.take(home, each.name, each.id) if wins else each.name
        if name != each.name:
            reason = f"has the name of another: it is {shown(name)} here"
            mended.append(Note(f"group {shown(each.name)}", reason))
        found.append((replace(each, collection_id=home, name=name), wins))
    return tuple(found)


def _templates(
    known: Mapping[str, Here],
    holdings: Holdings,
    collection_ids: Mapping[str, str],
    mended: list[Note],
) -> tuple[tuple[HeldTemplate, bool], ...]:
    named = _Names({("", row.name): row.id for row in known.values()})
    found: list[tuple[HeldTemplate, bool]] = []
    for each in holdings.templates:
        wins = _wins(known.get(each.id), each.updated_at)
        name = named.take("", each.name, each.id) if wins else each.name
        if name != each.name:
            reason = f"has the name of another: it is {shown(name)} here"
            mended.append(Note(f"template {shown(each.name)}", reason))
        home = collection_ids.get(each.collection_id or "")
        found.append((replace(each, collection_id=home, name=name), wins))
    return tuple(found)


class _Names:
    """Who has which name; the first to ask for one keeps it."""

    def __init__(self, owners: dict[tuple[str, str], str]) -> None:
        self._owners = owners
        self._names: dict[str, tuple[str, str]] = {owner: name for name, owner in owners.items()}

    def take(self, home: str, wanted: str, owner: str) -> str:
        """`wanted`, or with the first number behind it that nobody else has."""

        def is_taken(name: str) -> bool:
            return self._owners.get((home, name), owner) != owner

        name = free(wanted, is_taken)
        before = self._names.get(owner)
        if before is not None and before != (home, name):
            self._owners.pop(before, None)
        self._owners[home, name] = owner
        self._names[owner] = (home, name)
        return name
