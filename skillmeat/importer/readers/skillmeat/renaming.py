"""Names that the catalogue refuses, made into names that it takes, without two becoming one."""

import re
from collections.abc import Callable, Collection, Iterable
from typing import Final

from skillmeat.importer.readers.skillmeat.coercion import storable
from skillmeat.importer.readers.text import is_valid_name

UNKNOWN: Final = "unknown"
LONGEST_NAME: Final = 255

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_TYPE = re.compile(r"[a-z][a-z0-9_]{0,99}")
_NO_TYPE = re.compile(r"[^a-z0-9]+")

ArtifactKey = tuple[str, str]
"""Type and name, as a file says them."""


def name_of(given: str, *, otherwise: str = UNKNOWN, longest: int = LONGEST_NAME) -> str:
    """`given` if it will do, else what is nearest to it."""
    return _cleaned(given, longest) or _cleaned(otherwise, longest) or UNKNOWN


def _cleaned(given: str, longest: int) -> str:
    return _CONTROL.sub(" ", storable(given)).strip(" ")[:longest].rstrip(" ")


def type_of(given: str) -> str:
    """`given` if it may be an artifact's type, else what is nearest to it."""
    if _TYPE.fullmatch(given):
        return given
    cleaned = _NO_TYPE.sub("_", given.lower()).strip("_")[:100]
    return cleaned if _TYPE.fullmatch(cleaned) else UNKNOWN


def key_of(reference: str) -> ArtifactKey:
    """The artifact that `type:name` names; what is no such thing is the name of an unknown one."""
    kind, _, name = reference.partition(":")
    return (kind, name) if kind.strip() and name.strip() else (UNKNOWN, reference)


def free(wanted: str, is_taken: Callable[[str], bool]) -> str:
    """`wanted`, or with the first number behind it that nobody has: `name (2)`."""
    number, found = 1, wanted
    while is_taken(found):
        number += 1
        suffix = f" ({number})"
        found = wanted[: LONGEST_NAME - len(suffix)].rstrip(" ") + suffix
    return found


def artifact_names(keys: Iterable[ArtifactKey]) -> dict[ArtifactKey, ArtifactKey]:
    """What each artifact is called here: as it is, unless the catalogue refuses that."""
    keys = sorted(set(keys))
    named = {key: key for key in keys if type_of(key[0]) == key[0] and is_valid_name(key[1])}
    taken = set(named)
    for key in keys:
        if key not in named:
            kind = type_of(key[0])
            wanted = name_of(key[1])
            named[key] = (kind, free(wanted, lambda name, kind=kind: (kind, name) in taken))  # type: ignore[misc]
            taken.add(named[key])
    return named


def ids(given: Collection[str]) -> dict[str, str]:
    """The same for keys that are one text."""
    named = {each: each for each in given if is_valid_name(each)}
    taken = set(named)
    for each in sorted(set(given) - taken):
        named[each] = free(name_of(each), taken.__contains__)
        taken.add(named[each])
    return named
