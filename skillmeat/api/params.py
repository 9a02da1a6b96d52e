"""The parameters that requests share: ids in paths, cursors, limits and filters.

An id may contain any character. `{id:segment}` matches one path segment, in which a slash of the id
is written `%2F`. `{id:rest}` matches the rest of the path, in which a slash needs no encoding.
"""

import base64
import re
from typing import Annotated, Final

from fastapi import Depends, Header, HTTPException, Path, Query, status
from starlette.convertors import Convertor, register_url_convertor

from skillmeat.api.entity_tags import IF_MATCH
from skillmeat.api.schemas.common import ID

CURSOR: Final = "A cursor is the key of a row in Base64."
BAD_CURSOR: Final = "Invalid cursor: send the start_cursor or end_cursor of a page"
NOT_NUL: Final = r"^[^\x00]+$"
# The database refuses a search for more than 16 words.
_WORDS: Final = {"pattern": r"^\s*([^\s\x00]+\s*){0,16}$"}
_BASE64: Final = "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)?$"
_CURSOR_SCHEMA: Final = {"pattern": _BASE64, "examples": ["c2tpbGw6cGRm"]}

AfterCursor = Annotated[
    str | None,
    Query(
        description=f"The `end_cursor` of a page, for the next page. {CURSOR}",
        json_schema_extra=_CURSOR_SCHEMA,
    ),
]
BeforeCursor = Annotated[
    str | None,
    Query(
        description=f"The `start_cursor` of a page, for the previous page. {CURSOR}",
        json_schema_extra=_CURSOR_SCHEMA,
    ),
]
Limit = Annotated[int, Query(ge=1, le=100, description="The largest number of rows to return.")]
ArtifactLimit = Annotated[
    int, Query(ge=1, le=500, description="The largest number of rows to return.")
]
SearchWords = Annotated[
    str | None,
    Query(max_length=500, description="Words, or a part of a name.", json_schema_extra=_WORDS),
]
NameSearch = Annotated[
    str | None,
    Query(
        max_length=500,
        pattern=r"^[^\x00]*$",
        description="A part of the name, in upper or lower case.",
    ),
]
Filter = Annotated[str | None, Query(pattern=r"^[^\x00]*$")]

IfMatch = Annotated[
    str,
    Header(
        alias="If-Match",
        pattern=IF_MATCH,
        description="The `ETag` of the row as you read it, or its `updated_at` in double quotes. "
        "If the row was edited since, nothing is written and the status is 412.",
        examples=['"2026-01-01T00:01:00"'],
    ),
]

TagId = Annotated[str, Path(pattern=NOT_NUL, examples=[ID])]
CollectionId = Annotated[str, Path(pattern=NOT_NUL, examples=["default"])]
GroupId = Annotated[str, Path(pattern=NOT_NUL, examples=[ID])]
ArtifactId = Annotated[
    str, Path(pattern=NOT_NUL, description="`type:name`.", examples=["skill:pdf"])
]


def parse_artifact_id(
    artifact_id: Annotated[
        str,
        Path(
            description="`type:name`.",
            examples=["skill:pdf"],
            json_schema_extra={"pattern": "^[^\\x00:]+:[^\\x00]+$"},
        ),
    ],
) -> str:
    """Return the id of an artifact in a path. Raises 400 for an id that is no `type:name`."""
    type_, _, name = artifact_id.partition(":")
    if not (type_ and name) or "\x00" in artifact_id:
        detail = "Invalid artifact id: write type:name, such as skill:pdf"
        raise HTTPException(status.HTTP_400_BAD_REQUEST, detail)
    return artifact_id


TypeAndName = Annotated[str, Depends(parse_artifact_id)]


class SegmentConvertor(Convertor[str]):
    """Match one path segment."""

    regex = "[^/]+"

    def convert(self, value: str) -> str:
        """Decode the characters that `RequestLimitsMiddleware` left encoded."""
        return value.replace("%2F", "/").replace("%2f", "/").replace("%25", "%")

    def to_string(self, value: str) -> str:
        """Encode a slash, which would end the segment."""
        return value.replace("%", "%25").replace("/", "%2F")


class RestConvertor(SegmentConvertor):
    """Match the rest of the path."""

    regex = ".+"


# Every module of routes imports this module, so both exist before a path is compiled.
register_url_convertor("segment", SegmentConvertor())
register_url_convertor("rest", RestConvertor())


def decode_cursor(cursor: str | None) -> str | None:
    """Decode the key in a cursor, or return None for an empty cursor (a loop's first request).

    Raises 400 for text that is not Base64, and 404 for Base64 that contains no key.
    """
    if not cursor:
        return None
    if not re.match(_BASE64, cursor):
        raise HTTPException(status.HTTP_400_BAD_REQUEST, BAD_CURSOR)
    # A key contains no NUL.
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
