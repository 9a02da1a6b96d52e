"""Entity tags: the `ETag` of a response, and the tags in `If-Match` and `If-None-Match`.

The tag of any body is its hash. The tag of one artifact, collection or group starts with the row's
`updated_at`, which is all that `If-Match` compares: a change of a count is no edit.
"""

import re
from datetime import UTC, datetime
from typing import Final

from blake3 import blake3

# A list of tags, which may have empty elements.
IF_MATCH: Final = r'^(\*|(,[ ,]*)?(W/)?"[!#-~]*"( *,[ ,]*(W/)?"[!#-~]*")*( *,)*)$'
_TAG: Final = re.compile(r'(W/)?"([^"]*)"')
_ROW_VERSION: Final = re.compile(
    r"(?P<updated_at>[-0-9]{10}T[:0-9]{8}(\.[0-9]{1,6})?)(-\w+)*", flags=re.ASCII
)


def build_entity_tag(body: bytes, *, row_version: str | None = None) -> str:
    """Build the strong entity tag of a body; `row_version` is the `updated_at` of its row."""
    digest = blake3(body).hexdigest(length=16)
    return f'"{digest}"' if row_version is None else f'"{row_version}-{digest}"'


def matches_none(given: str, tag: str) -> bool:
    """Return whether an `If-None-Match` lets the response be sent; the comparison is weak."""
    return given.strip() != "*" and tag not in (f'"{each[2]}"' for each in _TAG.finditer(given))


def parse_if_match(header: str) -> list[datetime] | None:
    """Return each `updated_at` that `If-Match` names; None for `*`, which matches any row.

    The comparison is strong: a weak tag matches no row.
    """
    if header == "*":
        return None
    return [
        time
        for each in _TAG.finditer(header)
        if not each[1] and (time := _parse_row_version(each[2])) is not None
    ]


def _parse_row_version(opaque: str) -> datetime | None:
    version = _ROW_VERSION.fullmatch(opaque)
    try:
        return version and datetime.fromisoformat(version["updated_at"]).replace(tzinfo=UTC)
    except ValueError:
        return None
