"""The resolution of conflicts between the source's ids and names and the catalogue's."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, TypeVar

from psycopg.sql import SQL, Identifier

from skillmeat.database.query import Conn, fetch_all
from skillmeat.importer.readers.skillmeat import (
    CollectionRow,
    GroupRow,
    Note,
    SkillMeatData,
    TagRow,
    TemplateRow,
)
from skillmeat.importer.readers.skillmeat.renaming import find_free_name
from skillmeat.importer.readers.text import escape

_Row = TypeVar("_Row", CollectionRow, GroupRow, TemplateRow)


@dataclass(frozen=True, slots=True)
class ExistingRow:
    """A row of the catalogue; its name is unique in `scope`, and only a tag has a `slug`."""

    id: str
    name: str
    scope: str
    slug: str
    updated_at: datetime
    is_placeholder: bool


@dataclass(frozen=True, slots=True)
class ResolvedData:
    """The rows of each table with free names; the flag says whether a row replaces another."""

    tags: tuple[tuple[TagRow, bool], ...]
    tag_ids: Mapping[str, str]
    """The id of each slug."""
    collections: tuple[tuple[CollectionRow, bool], ...]
    collection_ids: Mapping[str, str]
    """The id in the catalogue of each collection of the source."""
    groups: tuple[tuple[GroupRow, bool], ...]
    templates: tuple[tuple[TemplateRow, bool], ...]
    adjusted: tuple[Note, ...]


_EXISTING_ROWS: Final = SQL(
    """
    select
        t.id, t.name::text as name, {scope} as scope, {slug} as slug, t.updated_at,
        {is_placeholder} as is_placeholder
    from {table} as t
    """
)

# The collection `default` is a placeholder if an import of other sources created it, or if only its
# name was known.
_IS_PLACEHOLDER: Final = SQL(
    """
    t.id = 'default'
    and (
        t.description like 'Every artifact that was imported%%'
        or (t.name = t.id and t.description is null)
    )
    """
)


def resolve_conflicts(conn: Conn, data: SkillMeatData) -> ResolvedData:
    """Return the rows with ids and names that do not conflict with the existing rows."""
    adjusted: list[Note] = []
    tags, tag_ids = _resolve_tags(_list_existing(conn, "tags"), data, adjusted)
    existing = _list_existing(conn, "collections")
    collection_ids = _resolve_collection_ids(existing, data)
    # If only the name of a collection is known, it does not change an existing collection.
    collections = [
        row
        for row in data.collections
        if not (row.is_named_only and collection_ids[row.id] in existing)
    ]
    groups = [replace(row, collection_id=collection_ids[row.collection_id]) for row in data.groups]
    templates = [
        replace(row, collection_id=collection_ids.get(row.collection_id or ""))
        for row in data.templates
    ]
    return ResolvedData(
        tags,
        tag_ids,
        _resolve_names("collection", collections, existing, adjusted),
        collection_ids,
        _resolve_names("group", groups, _list_existing(conn, "groups"), adjusted),
        _resolve_names("template", templates, _list_existing(conn, "project_templates"), adjusted),
        tuple(adjusted),
    )


def _list_existing(conn: Conn, table: str) -> dict[str, ExistingRow]:
    statement = _EXISTING_ROWS.format(
        table=Identifier(table),
        scope=SQL("t.collection_id" if table == "groups" else "''"),
        slug=SQL("t.slug" if table == "tags" else "''"),
        is_placeholder=_IS_PLACEHOLDER if table == "collections" else SQL("false"),
    )
    return {row.id: row for row in fetch_all(conn, ExistingRow, statement, {})}


def _is_newer(updated_at: datetime | None, existing: ExistingRow | None) -> bool:
    """Return whether a source's row replaces the existing row."""
    if existing is None or existing.is_placeholder:
        return True
    return updated_at is not None and updated_at >= existing.updated_at


def _resolve_tags(
    existing: Mapping[str, ExistingRow], data: SkillMeatData, adjusted: list[Note]
) -> tuple[tuple[tuple[TagRow, bool], ...], dict[str, str]]:
    replacing = {
        tag.id: tag
        for tag in data.tags
        if tag.id and tag.id in existing and _is_newer(tag.updated_at, existing[tag.id])
    }
    while True:
        kept = [row for row in existing.values() if row.id not in replacing]
        id_by_slug = {row.slug: row.id for row in kept}
        id_by_name = {row.name: row.id for row in kept}
        # If a tag's new name or slug is taken, the tag keeps its old ones. Then no other tag may
        # take those, so the loop checks again.
        refused = [
            key
            for key, tag in replacing.items()
            if tag.slug in id_by_slug or tag.name in id_by_name
        ]
        if not refused:
            break
        for key in refused:
            del replacing[key]
    resolved: list[tuple[TagRow, bool]] = []
    ids: dict[str, str] = {}
    for tag in data.tags:
        other = None if tag.id in existing else id_by_slug.get(tag.slug) or id_by_name.get(tag.name)
        key = other or tag.id or _make_tag_id(tag.slug)
        ids[tag.slug] = key
        if other is None:
            resolved.append((replace(tag, id=key), key in replacing or key not in existing))
        elif tag.id:
            reason = f"is in the catalogue already, as {escape(existing[other].name)}"
            adjusted.append(Note(f"tag {escape(tag.name)}", reason))
    return tuple(resolved), ids


def _make_tag_id(slug: str) -> str:
    return hashlib.md5(f"tag:{slug}".encode(), usedforsecurity=False).hexdigest()


def _resolve_collection_ids(
    existing: Mapping[str, ExistingRow], data: SkillMeatData
) -> dict[str, str]:
    """Map the source's ids of collections to the catalogue's.

    A collection of which only the name is known is the existing collection with that name.
    """
    # An existing collection whose id the source has corresponds to no other collection of it.
    ids_of_source = {row.id for row in data.collections}
    id_by_name = {row.name: row.id for row in existing.values() if row.id not in ids_of_source}
    return {
        row.id: id_by_name.get(row.name, row.id)
        if row.is_named_only and row.id not in existing
        else row.id
        for row in data.collections
    }


def _resolve_names(
    kind: str, rows: Sequence[_Row], existing: Mapping[str, ExistingRow], adjusted: list[Note]
) -> tuple[tuple[_Row, bool], ...]:
    """Give each new or replacing row a free name: its own name, or its own with a number.

    Existing rows that are not replaced keep their names. If several rows want one name, the first
    row gets it.
    """
    replacing = {row.id: row for row in rows if _is_newer(row.updated_at, existing.get(row.id))}
    taken: defaultdict[str, set[str]] = defaultdict(set)
    for existing_row in existing.values():
        if existing_row.id not in replacing:
            taken[existing_row.scope].add(existing_row.name)
    wanted: defaultdict[str, set[str]] = defaultdict(set)
    for row in replacing.values():
        wanted[_get_scope(row)].add(row.name)
    resolved: list[tuple[_Row, bool]] = []
    for row in rows:
        if row.id not in replacing:
            resolved.append((row, False))
            continue
        scope, name = _get_scope(row), row.name
        if name in taken[scope]:
            name = find_free_name(name, taken[scope], wanted[scope])
            reason = f"has the name of another {kind}: it becomes {escape(name)}"
            adjusted.append(Note(f"{kind} {escape(row.name)}", reason))
        taken[scope].add(name)
        resolved.append((replace(row, name=name), True))
    return tuple(resolved)


def _get_scope(row: CollectionRow | GroupRow | TemplateRow) -> str:
    return row.collection_id if isinstance(row, GroupRow) else ""
