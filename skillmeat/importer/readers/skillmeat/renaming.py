"""The renaming of keys and names that the catalogue refuses; two things never become one."""

import re
from collections import defaultdict
from collections.abc import Collection, Container, Iterable
from typing import Final

from skillmeat.importer.readers.text import is_valid_name, replace_unstorable

UNKNOWN: Final = "unknown"
LONGEST_NAME: Final = 255

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_TYPE = re.compile(r"[a-z][a-z0-9_]{0,99}")
_NO_TYPE = re.compile(r"[^a-z0-9]+")

ArtifactKey = tuple[str, str]
"""Type and name, as a file has them."""


def make_valid_name(given: str, *, otherwise: str = UNKNOWN, longest: int = LONGEST_NAME) -> str:
    """Return `given` if it is a valid name, else the nearest valid name."""
    cleaned = (_clean(each, longest) for each in (given, otherwise))
    return next(filter(is_valid_name, cleaned), UNKNOWN)


def _clean(given: str, longest: int) -> str:
    return _CONTROL.sub(" ", replace_unstorable(given)).strip(" ")[:longest].rstrip(" ")


def make_valid_type(given: str) -> str:
    """Return `given` if it is a valid type of artifact, else the nearest valid type."""
    if _TYPE.fullmatch(given):
        return given
    cleaned = _NO_TYPE.sub("_", given.lower()).strip("_")[:100]
    return cleaned if _TYPE.fullmatch(cleaned) else UNKNOWN


def parse_artifact_key(reference: str) -> ArtifactKey:
    """Split `type:name`; treat any other text as the name of an artifact of unknown type."""
    kind, _, name = reference.partition(":")
    return (kind, name) if kind.strip() and name.strip() else (UNKNOWN, reference)


def find_free_name(wanted: str, *taken: Container[str]) -> str:
    """Return `wanted` if it is free, else `wanted` with the first free number: `name (2)`."""
    number, name = 1, wanted
    while any(name in names for names in taken):
        number += 1
        suffix = f" ({number})"
        name = wanted[: LONGEST_NAME - len(suffix)].rstrip(" ") + suffix
    return name


def make_artifact_keys(keys: Iterable[ArtifactKey]) -> dict[ArtifactKey, ArtifactKey]:
    """Map each artifact's key to a valid key; valid keys stay."""
    keys = sorted(set(keys))
    valid = {
        (kind, name): (kind, name)
        for kind, name in keys
        if make_valid_type(kind) == kind and is_valid_name(name)
    }
    taken: defaultdict[str, set[str]] = defaultdict(set)
    for kind, name in valid:
        taken[kind].add(name)
    for key in keys:
        if key not in valid:
            kind = make_valid_type(key[0])
            name = find_free_name(make_valid_name(key[1]), taken[kind])
            taken[kind].add(name)
            valid[key] = kind, name
    return valid


def make_valid_ids(ids: Collection[str]) -> dict[str, str]:
    """Map each id to a valid id; valid ids stay."""
    valid = {each: each for each in ids if is_valid_name(each)}
    taken = set(valid)
    for each in sorted(set(ids) - taken):
        valid[each] = find_free_name(make_valid_name(each), taken)
        taken.add(valid[each])
    return valid
