"""An artifact as it is read, and how it is made from the values of a row."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final

from psycopg.sql import SQL, Identifier

from skillmeat.query import Values


@dataclass(frozen=True, slots=True)
class CollectionCount:
    """A collection that an artifact is in, and how many artifacts are, exact."""

    id: str
    name: str
    artifact_count: int


@dataclass(frozen=True, slots=True)
class Artifact:
    """A row of `artifact_summaries`.

    `tags` are names in code point order; `collections` are `default` first, then by name;
    `version` is the one added last.
    """

    id: str
    type: str
    name: str
    title: str | None
    description: str | None
    author: str | None
    license: str | None
    source: str | None
    origin: str | None
    metadata: dict[str, Any]
    tags: tuple[str, ...]
    version: str | None
    collections: tuple[CollectionCount, ...]
    added_at: datetime
    updated_at: datetime


_NAMES: Final = tuple(field.name for field in fields(Artifact))
_METADATA: Final = _NAMES.index("metadata")
_TAGS: Final = _NAMES.index("tags")
_COLLECTIONS: Final = _NAMES.index("collections")

# The uuid of `artifacts as s`; one that nobody gave is made from the id: always the same.
UUID: Final = SQL(
    """case
        when
            length(s.metadata ->> 'uuid') = 32
            and translate(s.metadata ->> 'uuid', '0123456789abcdef', '') = ''
        then s.metadata ->> 'uuid'
        else md5(s.id)
    end"""
)
# The columns of `artifact_summaries as s`, in the order of the fields.
COLUMNS: Final = SQL(", ").join(Identifier("s", name) for name in _NAMES)
# The same as `artifacts_of` takes them.
VALUES: Final = SQL(", ").join(
    SQL("{}::text" if at in (_METADATA, _COLLECTIONS) else "{}").format(Identifier("s", name))
    for at, name in enumerate(_NAMES)
)


def artifacts_of(rows: Sequence[Values]) -> tuple[Artifact, ...]:
    """Make artifacts from rows that end with `VALUES`."""
    found = [list(row[-len(_NAMES) :]) for row in rows]
    # Parsed all at once, because a call of the parser costs more than what it parses.
    texts = [text for row in found for text in (row[_METADATA], row[_COLLECTIONS])]
    parsed = iter(json.loads(f"[{','.join(texts)}]"))
    # Neighbours are in the same collections, and in one statement these have one count.
    known: dict[str, CollectionCount] = {}
    for row in found:
        row[_METADATA] = next(parsed)
        row[_TAGS] = tuple(row[_TAGS])
        row[_COLLECTIONS] = tuple(
            [
                known.get(each["id"]) or known.setdefault(each["id"], CollectionCount(**each))
                for each in next(parsed)
            ]
        )
    return tuple([Artifact(*row) for row in found])
