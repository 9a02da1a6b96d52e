"""What in a row of theirs cannot arrive as it is, beside keys and names, which are told apart."""

from collections.abc import Iterator
from typing import Final

from skillmeat.importer.readers.skillmeat.coercion import (
    LONGEST_HASH,
    LONGEST_TEXT,
    is_ordinary,
    moment,
    text,
)
from skillmeat.importer.readers.skillmeat.model import Note
from skillmeat.importer.readers.skillmeat.records import Row
from skillmeat.importer.readers.text import escape, is_storable

_TIMES: Final = frozenset(("created_at", "updated_at", "added_at"))
_HASHES: Final = frozenset(("content_hash", "artifact_content_hash"))
_TEXTS: Final = frozenset(
    (
        *("description", "author", "license", "version", "source", "origin", "deployed_version"),
        *("created_by", "collection_type", "context_category", "category"),
    )
)
_UNREADABLE: Final = "\ufffd"
_SHOWN: Final = 80


def oddities(table: str, row: Row) -> Iterator[Note]:
    """A note for each value that is mended."""
    for column, value in row.items():
        reason = None if value is None else _reason(column, value)
        if reason:
            yield Note(f"{table} {_key(row)}", f"its {column} {reason}")


def _reason(column: str, value: object) -> str | None:
    if column in _TIMES:
        return None if moment(value) else "is no time: left out"
    if column in _HASHES:
        return "is too long: hashed" if len(text(value) or "") > LONGEST_HASH else None
    if column not in _TEXTS or not isinstance(value, str) or is_ordinary(value):
        return None
    if len(value) > LONGEST_TEXT:
        return f"is cut after {LONGEST_TEXT:,} characters"
    if not is_storable(value) or _UNREADABLE in value:
        return "has characters that cannot be stored"
    return None


def _key(row: Row) -> str:
    keys = ("id", "collection_id", "group_id", "tag_id", "name", "artifact_id", "artifact_uuid")
    given = [text(row.get(key)) for key in keys]
    named = " ".join(escape(key) for key in given[:1] if key) or " ".join(
        escape(key) for key in given[1:] if key
    )
    return named[:_SHOWN]
