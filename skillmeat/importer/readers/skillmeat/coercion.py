"""Coercion of values from SQLite and TOML, of any type, to values that the catalogue can hold."""

import hashlib
import json
import math
import re
from collections.abc import Iterator, Mapping
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime
from functools import lru_cache
from typing import Any, Final

from skillmeat.importer.readers.model import JSON
from skillmeat.importer.readers.skillmeat.model import Note
from skillmeat.importer.readers.text import escape, is_storable, replace_unstorable

# PostgreSQL limits the size of a text that search indexes; this limit is far below that.
LONGEST_TEXT: Final = 100_000
LONGEST_HASH: Final = 255
LARGEST_POSITION: Final = 2**31 - 1

_DEEPEST = 60
# Far more than any real number has, and few enough for Python and PostgreSQL to print.
_MOST_BITS = 4096
_COLOR = re.compile(r"#[0-9A-Fa-f]{6}")
_SHORT_COLOR = re.compile(r"#[0-9A-Fa-f]{3}")


def is_short_ascii(text: str) -> bool:
    """Return whether `text` is short ASCII, which can be stored without a change."""
    return text.isascii() and "\x00" not in text and len(text) <= LONGEST_TEXT


def to_text(value: object) -> str | None:
    """Return the value as text that can be stored and is not too long.

    Return None for None, a list or a mapping.
    """
    if isinstance(value, str) and is_short_ascii(value):
        return value
    if isinstance(value, bytes):
        value = value.decode("utf-8", errors="replace")
    if value is None or isinstance(value, dict | list):
        return None
    return replace_unstorable(_spell(value))[:LONGEST_TEXT]


def _spell(value: object) -> str:
    try:
        return str(value)
    except ValueError:
        # Python does not print integers with very many digits in decimal, but it does in hex.
        return hex(value) if isinstance(value, int) else repr(value)


def to_nonblank_text(value: object) -> str | None:
    """Return `to_text(value)`, or None if that is blank."""
    found = to_text(value)
    return found if found and not found.isspace() else None


def to_content_hash(value: object) -> str | None:
    """Return a content hash; a hash that is too long is replaced with its SHA-256."""
    found = to_nonblank_text(value)
    if found is None or len(found) <= LONGEST_HASH:
        return found
    return hashlib.sha256(found.encode()).hexdigest()


def to_datetime(value: object) -> datetime | None:
    """Return a time to the microsecond, or None if it is unreadable; without an offset it is UTC.

    Times in the years 1 and 9999 count as unreadable, because Python may not be able to express
    them in another time zone.
    """
    found = value
    if isinstance(value, str):
        try:
            found = datetime.fromisoformat(value.strip())
        except ValueError:
            return None
    if isinstance(found, date) and not isinstance(found, datetime):
        found = datetime(found.year, found.month, found.day, tzinfo=UTC)
    if not isinstance(found, datetime) or not MINYEAR < found.year < MAXYEAR:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def to_position(value: object) -> int | None:
    """Return a position, 0 or more; None for anything else."""
    if isinstance(value, str | float):
        try:
            value = int(value)
        except (ValueError, OverflowError):
            return None
    return value if isinstance(value, int) and 0 <= value <= LARGEST_POSITION else None


def to_color(value: object) -> str | None:
    """Return a tag's colour, `#` and six hex digits; None for anything else."""
    found = (to_text(value) or "").strip()
    if _SHORT_COLOR.fullmatch(found):
        return "#" + "".join(2 * digit for digit in found[1:])
    return found if _COLOR.fullmatch(found) else None


def parse_json(value: object) -> JSON:
    """Return the JSON value in a text, or the text itself if it is not JSON."""
    if not isinstance(value, str | bytes):
        return to_json(value)
    try:
        return to_json(json.loads(value))
    except (ValueError, RecursionError):
        return to_text(value)


def to_strings(value: object) -> list[str]:
    """Return the texts in a JSON or TOML list, or in a text with commas."""
    if isinstance(value, str):
        return [*_parse_strings(value)]
    return _strings(parse_json(value) if isinstance(value, bytes) else value)


# Cached, because many artifacts have the same few tags and tools.
@lru_cache(maxsize=4096)
def _parse_strings(value: str) -> tuple[str, ...]:
    return tuple(_strings(parse_json(value)))


def _strings(found: object) -> list[str]:
    if isinstance(found, str):
        found = found.split(",")
    if not isinstance(found, list | tuple):
        return []
    return [each.strip() for each in map(to_nonblank_text, found) if each is not None]


def to_json(value: Any, depth: int = 0) -> JSON:  # noqa: ANN401, PLR0911 - a value of any type
    """Return `value` as JSON that PostgreSQL can store; values nested too deep become None."""
    if depth > _DEEPEST:
        return None
    if isinstance(value, str):
        return replace_unstorable(value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return value if value.bit_length() <= _MOST_BITS else hex(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {
            replace_unstorable(str(key)): to_json(each, depth + 1) for key, each in value.items()
        }
    if isinstance(value, list | tuple):
        return [to_json(each, depth + 1) for each in value]
    return value.isoformat() if hasattr(value, "isoformat") else replace_unstorable(str(value))


_TIMES: Final = frozenset(("created_at", "updated_at", "added_at"))
_HASHES: Final = frozenset(("content_hash", "artifact_content_hash"))
_TEXTS: Final = frozenset(
    (
        *("description", "author", "license", "version", "source", "origin", "deployed_version"),
        *("created_by", "collection_type", "context_category", "category"),
    )
)
_UNREADABLE: Final = "\ufffd"
_LONGEST_KEY: Final = 80


def list_adjustments(table: str, row: Mapping[str, object]) -> Iterator[Note]:
    """Yield a note for each value that an import must change, except keys and names."""
    for column, value in row.items():
        reason = None if value is None else _explain_adjustment(column, value)
        if reason:
            yield Note(f"{table} {_describe_key(row)}", f"its {column} {reason}")


def _explain_adjustment(column: str, value: object) -> str | None:
    if column in _TIMES:
        return None if to_datetime(value) else "is not a time: left out"
    if column in _HASHES:
        return (
            "is too long: replaced with its SHA-256"
            if len(to_text(value) or "") > LONGEST_HASH
            else None
        )
    if column not in _TEXTS or not isinstance(value, str) or is_short_ascii(value):
        return None
    if len(value) > LONGEST_TEXT:
        return f"is cut after {LONGEST_TEXT:,} characters"
    if not is_storable(value) or _UNREADABLE in value:
        return "has characters that cannot be stored"
    return None


def _describe_key(row: Mapping[str, object]) -> str:
    keys = ("collection_id", "group_id", "tag_id", "name", "artifact_id", "artifact_uuid")
    given = [to_text(row.get("id"))]
    if not given[0]:
        given = [to_text(row.get(key)) for key in keys]
    return " ".join(escape(each) for each in given if each)[:_LONGEST_KEY]
