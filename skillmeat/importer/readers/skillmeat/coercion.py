"""From what SQLite and TOML hold, which may be anything, to values that the catalogue can hold."""

import hashlib
import json
import math
import re
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime
from functools import lru_cache
from typing import Any, Final

from skillmeat.importer.readers.model import JSON

# What is searched must fit into an index entry of PostgreSQL, which is far from this.
LONGEST_TEXT: Final = 100_000
LONGEST_HASH: Final = 255
LARGEST_POSITION: Final = 2**31 - 1

_DEEPEST = 60
# Far more than anybody counts, and few enough for Python and PostgreSQL to write them out.
_MOST_BITS = 4096
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
_COLOR = re.compile(r"#[0-9A-Fa-f]{6}")
_SHORT_COLOR = re.compile(r"#[0-9A-Fa-f]{3}")


def storable(text: str) -> str:
    """`text` without what PostgreSQL cannot store."""
    return _UNSTORABLE.sub("\ufffd", text)


def is_ordinary(text: str) -> bool:
    """Whether `text` can be stored as it is; quick, and not sure of what is not English."""
    return text.isascii() and "\x00" not in text and len(text) <= LONGEST_TEXT


def text(value: object) -> str | None:
    """The text in a column, as it is but for what cannot be stored; None for nothing."""
    if isinstance(value, str) and is_ordinary(value):
        return value
    if isinstance(value, bytes):
        value = value.decode("utf-8", errors="replace")
    if value is None or isinstance(value, dict | list):
        return None
    return storable(_spelled(value))[:LONGEST_TEXT]


def _spelled(value: object) -> str:
    try:
        return str(value)
    except ValueError:
        # A whole number of more digits than Python writes; in hex it takes any.
        return hex(value) if isinstance(value, int) else repr(value)


def words(value: object) -> str | None:
    """The same, and None for blanks, too."""
    found = text(value)
    return found if found and not found.isspace() else None


def content_hash(value: object) -> str | None:
    """What tells one content from another; of one that is too long, its own hash."""
    found = words(value)
    if found is None or len(found) <= LONGEST_HASH:
        return found
    return hashlib.sha256(found.encode()).hexdigest()


def moment(value: object) -> datetime | None:
    """The time in a column, to the microsecond; without an offset it is UTC; None if unreadable.

    A year that is another one in some time zone, and then none that Python knows, is unreadable.
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


def position(value: object) -> int | None:
    """The place in an order, from 0 on; None where the column holds no such number."""
    if isinstance(value, str | float):
        try:
            value = int(value)
        except (ValueError, OverflowError):
            return None
    return value if isinstance(value, int) and 0 <= value <= LARGEST_POSITION else None


def color(value: object) -> str | None:
    """A tag's colour, `#` and six hex digits; None for anything else."""
    found = (text(value) or "").strip()
    if _SHORT_COLOR.fullmatch(found):
        return "#" + "".join(2 * digit for digit in found[1:])
    return found if _COLOR.fullmatch(found) else None


def document(value: object) -> JSON:
    """The JSON in a text column, else the text itself."""
    if not isinstance(value, str | bytes):
        return plain(value)
    try:
        return plain(json.loads(value))
    except (ValueError, RecursionError):
        return text(value)


def strings(value: object) -> list[str]:
    """The texts in a column: a list of them as JSON or TOML, or one with commas."""
    if isinstance(value, str):
        return [*_listed(value)]
    return _strings(document(value) if isinstance(value, bytes) else value)


# Many artifacts have the same few tags and tools.
@lru_cache(maxsize=4096)
def _listed(value: str) -> tuple[str, ...]:
    return tuple(_strings(document(value)))


def _strings(found: object) -> list[str]:
    if isinstance(found, str):
        found = found.split(",")
    if not isinstance(found, list | tuple):
        return []
    return [each.strip() for each in map(words, found) if each is not None]


def plain(value: Any, depth: int = 0) -> JSON:  # noqa: ANN401, PLR0911 - whatever a file holds
    """`value` as JSON that PostgreSQL can store; None for what is none or too deep."""
    if depth > _DEEPEST:
        return None
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return value if value.bit_length() <= _MOST_BITS else hex(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {storable(str(key)): plain(each, depth + 1) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each, depth + 1) for each in value]
    return value.isoformat() if hasattr(value, "isoformat") else storable(str(value))
