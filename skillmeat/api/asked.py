"""What the parameters of requests share: pages, ids, and how each is described."""

import base64
import binascii
from typing import Annotated, Final

from fastapi import HTTPException, Path, Query, status

CURSOR: Final = "The `start_cursor` or `end_cursor` of a page: the key of its row in Base64."
# What is written where a path ends is encoded: %2F is a slash.
NOT_NUL: Final = r"^[^\x00]+$"

After = Annotated[str | None, Query(min_length=1, description=f"Go on after this. {CURSOR}")]
Before = Annotated[str | None, Query(min_length=1, description=f"Go back before this. {CURSOR}")]
Limit = Annotated[int, Query(ge=1, le=100, description="How many rows at most.")]
LongLimit = Annotated[int, Query(ge=1, le=500, description="How many rows at most.")]
Search = Annotated[str | None, Query(max_length=500, pattern=r"^[^\x00]*$")]
Filter = Annotated[str | None, Query(pattern=r"^[^\x00]*$")]

CollectionId = Annotated[str, Path(pattern=NOT_NUL, examples=["default"])]
GroupId = Annotated[str, Path(pattern=NOT_NUL)]
ArtifactId = Annotated[
    str, Path(pattern=NOT_NUL, description="`type:name`.", examples=["skill:pdf"])
]


def key_of(cursor: str | None) -> str | None:
    """The key in a cursor. Raises 400 for what is none."""
    if cursor is None:
        return None
    try:
        # Some clients leave the padding out, or write it for URLs.
        padded = cursor.translate(str.maketrans("-_", "+/")) + "=" * (-len(cursor) % 4)
        key = base64.b64decode(padded, validate=True).decode()
    except (binascii.Error, ValueError):
        key = ""
    if not key or "\x00" in key:
        detail = "Invalid cursor: give the start_cursor or end_cursor of a page"
        raise HTTPException(status.HTTP_400_BAD_REQUEST, detail)
    return key


def parts_of(listed: str | None) -> tuple[str, ...]:
    """What is in a comma list, each once, without blanks."""
    parts = (part.strip() for part in (listed or "").split(","))
    return tuple(dict.fromkeys(part for part in parts if part))


def text_or_none(text: str | None) -> str | None:
    """A text, or None for one that is blank."""
    return text if text and text.strip() else None
