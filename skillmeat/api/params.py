"""The parameters that requests share: ids in paths, cursors, limits, filters.

An id may hold any character. `{id:segment}` takes one path segment, where the slash of an id is
`%2F`; `{id:rest}` takes the rest of the path, where a slash may stand for itself.
"""

import base64
import re
from typing import Annotated, Final

from fastapi import HTTPException, Path, Query, status
from starlette.convertors import Convertor, register_url_convertor

CURSOR: Final = "The `start_cursor` or `end_cursor` of a page: the key of its row in Base64."
BAD_CURSOR: Final = "Invalid cursor: give the start_cursor or end_cursor of a page"
NOT_NUL: Final = r"^[^\x00]+$"
# The database refuses to search for more words than these.
_WORDS: Final = {"pattern": r"^\s*([^\s\x00]+\s*){0,16}$"}
_BASE64: Final = "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)?$"
_CURSOR_SCHEMA: Final = {"pattern": _BASE64, "examples": ["c2tpbGw6cGRm"]}

AfterCursor = Annotated[
    str | None,
    Query(description=f"Go on after this. {CURSOR}", json_schema_extra=_CURSOR_SCHEMA),
]
BeforeCursor = Annotated[
    str | None,
    Query(description=f"Go back before this. {CURSOR}", json_schema_extra=_CURSOR_SCHEMA),
]
Limit = Annotated[int, Query(ge=1, le=100, description="How many rows at most.")]
ArtifactLimit = Annotated[int, Query(ge=1, le=500, description="How many rows at most.")]
SearchWords = Annotated[
    str | None,
    Query(max_length=500, description="Words or a piece of a name.", json_schema_extra=_WORDS),
]
NameSearch = Annotated[
    str | None,
    Query(
        max_length=500,
        pattern=r"^[^\x00]*$",
        description="Part of the name, in upper or lower case.",
    ),
]
Filter = Annotated[str | None, Query(pattern=r"^[^\x00]*$")]

CollectionId = Annotated[str, Path(pattern=NOT_NUL, examples=["default"])]
GroupId = Annotated[str, Path(pattern=NOT_NUL)]
ArtifactId = Annotated[
    str, Path(pattern=NOT_NUL, description="`type:name`.", examples=["skill:pdf"])
]


class SegmentConvertor(Convertor[str]):
    """Match one path segment."""

    regex = "[^/]+"

    def convert(self, value: str) -> str:
        """Decode what `RequestLimitsMiddleware` left encoded."""
        return value.replace("%2F", "/").replace("%2f", "/").replace("%25", "%")

    def to_string(self, value: str) -> str:
        """Encode what would end the segment."""
        return value.replace("%", "%25").replace("/", "%2F")


class RestConvertor(SegmentConvertor):
    """Match the rest of the path."""

    regex = ".+"


# Every module of routes imports this one, so both are known before any path is compiled.
register_url_convertor("segment", SegmentConvertor())
register_url_convertor("rest", RestConvertor())


def decode_cursor(cursor: str | None) -> str | None:
    """Decode the key in a cursor; an empty cursor, as a loop's first request has it, is None.

    Raises 400 for a text that is not Base64, and 404 for Base64 that holds no key.
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


def split_list(listed: str | None) -> tuple[str, ...]:
    """Split a comma-separated list into its distinct items, without blanks."""
    items = (item.strip() for item in (listed or "").split(","))
    return tuple(dict.fromkeys(item for item in items if item))


def none_if_blank(text: str | None) -> str | None:
    """Return the text, or None for a blank one."""
    return text if text and text.strip() else None
