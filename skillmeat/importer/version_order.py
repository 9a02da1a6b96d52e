"""The order of declared versions, as a key that PostgreSQL sorts."""

import re
from functools import lru_cache
from typing import Final

_PART: Final = re.compile(r"[0-9]+|[^\W\d_]+")
_VERSION: Final = re.compile(r"[vV]?(?P<release>[0-9]+(?:\.[0-9]+)*)(?P<rest>[^+]*)")

# The end of a list of parts sorts before a number, and a number before a word.
_END: Final = b"\1"
_NUMBER: Final = b"\2"
_WORD: Final = b"\3"


@lru_cache(maxsize=1 << 12)
def rank_version(version: str | None) -> bytes:
    """Return a key that sorts versions: none < text < 1.9 < 1.10-beta < 1.10 = v1.10.0+x.

    Numbers may have any length. `packaging.version` does not fit, because it refuses `latest`,
    dates and texts, and sorts 1.10-1 after 1.10.
    """
    if version is None:
        return b"\0"
    match = _VERSION.match(version)
    if match is None:
        return b"\1" + _encode_parts(_PART.findall(version))
    release = [number.lstrip("0") for number in match["release"].split(".")]
    while release and not release[-1]:
        release.pop()
    rest = _PART.findall(match["rest"])
    return (
        b"\2"
        + b"".join(map(_encode_number, release))
        + _END
        + (b"\0" if rest else b"\1")
        + _encode_parts(rest)
    )


def _encode_parts(parts: list[str]) -> bytes:
    return b"".join(map(_encode_part, parts)) + _END


def _encode_part(part: str) -> bytes:
    if part[0] in "0123456789":
        return _encode_number(part.lstrip("0"))
    return _WORD + part.casefold().encode() + b"\0"


def _encode_number(digits: str) -> bytes:
    # A longer number is a larger one.
    return _NUMBER + len(digits).to_bytes(4) + digits.encode()
