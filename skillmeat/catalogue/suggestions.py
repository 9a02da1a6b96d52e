"""Keys that a mistyped key may stand for."""

from difflib import get_close_matches
from typing import Final, LiteralString

from skillmeat.database.query import Conn, fetch_tuples
from skillmeat.errors import (
    UnknownArtifact,
    UnknownArtifactType,
    UnknownCollection,
    UnknownKey,
    UnknownTag,
)

_MOST: Final = 3
# Each statement returns keys, and whether the mistyped key is the name that belongs to one. It
# reads a bounded number of rows, so a large catalogue may miss a suggestion.
_CANDIDATES: Final[dict[type[UnknownKey], LiteralString]] = {
    UnknownArtifact: """
        (
            select t.type || ':' || %(name)s as key, true
            from artifact_type_summaries as t
            where exists (
                select from artifact_summaries as s where s.id = t.type || ':' || %(name)s
            )
        )
        union all
        (
            select s.id, false
            from artifact_type_summaries as t
            cross join lateral (
                select a.id
                from artifact_summaries as a
                where
                    a.id >= t.type || ':' || left(%(name)s, 1)
                    and a.id < t.type || ':' || left(%(name)s, 1) || chr(1114111)
                order by a.id
                limit 500
            ) as s
        )
    """,
    UnknownArtifactType: "select type, false from artifact_type_summaries",
    UnknownCollection: """
        (select id, lower(name) = lower(%(key)s) from collection_summaries order by id limit 5000)
        union all
        (select name, false from collection_summaries order by id limit 5000)
    """,
    UnknownTag: """
        select slug, lower(name) = lower(%(key)s) from tag_summaries order by id limit 5000
    """,
}


def suggest_keys(conn: Conn, error: UnknownKey) -> tuple[str, ...]:
    """Return up to three keys that the unknown key of the error may stand for."""
    if len(error.unknown) != 1 or type(error) not in _CANDIDATES:
        return ()
    (key,) = error.unknown
    values = {"key": key, "name": key.partition(":")[2] or key}
    found = fetch_tuples(conn, _CANDIDATES[type(error)], values)
    if named := [candidate for candidate, has_the_name in found if has_the_name]:
        return tuple(named[:_MOST])
    candidates = {candidate for candidate, _ in found}
    return tuple(get_close_matches(key, candidates, _MOST, cutoff=0.7))
