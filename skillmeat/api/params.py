"""What the parameters of requests share: pages, ids, and how each is described."""

import base64
import re
from typing import Annotated, Final

from fastapi import HTTPException, Path, Query, status

CURSOR: Final = "The `start_cursor` or `end_cursor` of a page: the key of its row in Base64."
BAD_CURSOR: Final = "Invalid cursor: give the start_cursor or end_cursor of a page"
NOT_NUL: Final = r"^[^\x00]+$"
# The database refuses to look for more words than these.
_WORDS: Final = {"pattern": r"^\s*([^\s\x00]+\s*){0,16}$"}
_BASE64: Final = "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)?$"
_AS_CURSOR: Final = {"pattern": _BASE64, "examples": ["c2tpbGw6cGRm"]}

After = Annotated[
    str | None,
    Query(description=f"Go on after this. {CURSOR}", json_schema_extra=_AS_CURSOR),
]
Before = Annotated[
    str | None,
    Query(description=f"Go back before this. {CURSOR}", json_schema_extra=_AS_CURSOR),
]
Limit = Annotated[int, Query(ge=1, le=100, description="How many rows at most.")]
LongLimit = Annotated[int, Query(ge=1, le=500, description="How many rows at most.")]
Words = Annotated[
    str | None,
    Query(max_length=500, description="Words or a piece of a name.", json_schema_extra=_WORDS),
]
Search = Annotated[str | None, Query(max_length=500, pattern=r"^[^\x00]*$")]
Filter = Annotated[str | None, Query(pattern=r"^[^\x00]*$")]

CollectionId = Annotated[str, Path(pattern=NOT_NUL, examples=["default"])]
GroupId = Annotated[str, Path(pattern=NOT_NUL)]
ArtifactId = Annotated[
    str, Path(pattern=NOT_NUL, description="`type:name`.", examples=["skill:pdf"])
]


def key_of(cursor: str | None) -> str | None:
    """The key in a cursor, None in an empty one, as a first page has it in a script's loop.

    Raises 400 for what is no Base64, 404 where there is no key in it.
    """
    if not cursor:
        return None
    if not re.match(_BASE64, cursor):
        raise HTTPException(status.HTTP_400_BAD_REQUEST, BAD_CURSOR)
    # No key holds a NUL.
    key = base64.b64decode(cursor).decode(errors="replace").replace("\ufffd", "\x00")
    if "\x00" in key:
        raise HTTPException(status.HTTP_404_NOT_FOUND, BAD_CURSOR)
    return key


def parts_of(listed: str | None) -> tuple[str, ...]:
    """What is in a comma list, each once, without blanks."""
    parts = (part.strip() for part in (listed or "").split(","))
    return tuple(dict.fromkeys(part for part in parts if part))


def text_or_none(text: str | None) -> str | None:
    """A text, or None for one that is blank."""
    return text if text and text.strip() else None
