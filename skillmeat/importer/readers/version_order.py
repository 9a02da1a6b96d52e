"""Which of two declared versions is the later one."""

import re
from typing import TypeAlias

_PART = re.compile(r"[0-9]+|[^\W\d_]+")
_VERSION = re.compile(r"[vV]?(?P<release>[0-9]+(?:\.[0-9]+)*)(?P<rest>[^+]*)")

# A number is (0, digits, digits' text): compared as a number, however long.
_Part: TypeAlias = "tuple[int, int, str]"
Rank: TypeAlias = "tuple[int, tuple[_Part, ...], bool, tuple[_Part, ...]]"


def rank(version: str | None) -> Rank:
    """Orders versions: none < `latest` < 1.9 < 1.10-beta < 1.10 = v1.10.0+build."""
    if version is None:
        return 0, (), False, ()
    match = _VERSION.match(version)
    if match is None:
        return 1, (), False, _parts(version)
    release = _parts(match["release"])
    while release and release[-1][2] == "":
        release = release[:-1]
    rest = _parts(match["rest"])
    return 2, release, not rest, rest


def _parts(text: str) -> tuple[_Part, ...]:
    return tuple(_part(part) for part in _PART.findall(text))


def _part(text: str) -> _Part:
    if text[0] in "0123456789":
        digits = text.lstrip("0")
        return 0, len(digits), digits
    return 1, 0, text.casefold()
