"""Holds the counts here against those of the source."""

from collections import Counter

from skillmeat.importer.readers.skillmeat import Holdings
from skillmeat.importer.skillmeat import statements
from skillmeat.importer.skillmeat.conflicts import Resolved
from skillmeat.importer.skillmeat.report import Counted
from skillmeat.query import Conn


def compare(
    conn: Conn, holdings: Holdings, resolved: Resolved
) -> tuple[Counter[str], tuple[Counted, ...]]:
    """How many collections and groups were compared with the source, and those that differ."""
    joined: Counter[str] = Counter()
    members: Counter[str] = Counter()
    for each in holdings.memberships:
        of = joined if each.is_joined else members
        of[resolved.collection_ids[each.collection_id]] += 1
    places = Counter(each.group_id for each in holdings.placements)
    said = {
        resolved.collection_ids[each.id]: each.said
        for each in holdings.collections
        if each.said is not None
    }
    said_of_groups = {each.id: each.said for each in holdings.groups}
    differing: list[Counted] = []
    for kind, counts, distinct, statement in (
        ("collection", said, members, statements.COUNT_COLLECTIONS),
        ("group", said_of_groups, places, statements.COUNT_GROUPS),
    ):
        here = {
            key: (name, count)
            for key, name, count in conn.execute(statement, {"ids": list(counts)})
        }
        for key, source in counts.items():
            name, count = here.get(key, (key, 0))
            if count != source or key not in here:
                of_groups = joined[key] if kind == "collection" else 0
                repeated = max(source - distinct[key], 0)
                differing.append(
                    Counted(kind, key, name, source, count, of_groups, repeated, key not in here)
                )
    compared = Counter({"collection": len(said), "group": len(said_of_groups)})
    return +compared, tuple(differing)
