"""The comparison of the catalogue's counts with the source's counts."""

from collections import Counter
from typing import Final

from skillmeat.database.query import Conn
from skillmeat.importer.readers.skillmeat import SkillMeatData
from skillmeat.importer.report import CountDifference
from skillmeat.importer.skillmeat.conflicts import ResolvedData

COUNT_COLLECTIONS: Final = """
    select c.id, c.name, c.artifact_count
    from collection_summaries as c
    where c.id = any (%(ids)s)
"""

COUNT_GROUPS: Final = """
    select g.id, g.name, g.artifact_count
    from group_summaries as g
    where g.id = any (%(ids)s)
"""


def compare_counts(
    conn: Conn, data: SkillMeatData, resolved: ResolvedData
) -> tuple[Counter[str], tuple[CountDifference, ...]]:
    """Return the number of collections and groups compared, and those with different counts."""
    joined: Counter[str] = Counter()
    members: Counter[str] = Counter()
    for membership in data.memberships:
        counter = joined if membership.is_from_group else members
        counter[resolved.collection_ids[membership.collection_id]] += 1
    group_artifacts = Counter(row.group_id for row in data.group_artifacts)
    declared = {
        resolved.collection_ids[row.id]: row.declared_count
        for row in data.collections
        if row.declared_count is not None
    }
    declared_by_groups = {row.id: row.declared_count for row in data.groups}
    differences: list[CountDifference] = []
    for kind, declared_counts, distinct, statement in (
        ("collection", declared, members, COUNT_COLLECTIONS),
        ("group", declared_by_groups, group_artifacts, COUNT_GROUPS),
    ):
        existing = {
            key: (name, count)
            for key, name, count in conn.execute(statement, {"ids": list(declared_counts)})
        }
        for key, source in declared_counts.items():
            name, count = existing.get(key, (key, 0))
            if count != source or key not in existing:
                differences.append(
                    CountDifference(
                        kind,
                        key,
                        name,
                        source,
                        count,
                        joined=joined[key] if kind == "collection" else 0,
                        repeated=max(source - distinct[key], 0),
                        is_missing=key not in existing,
                    )
                )
    compared = Counter({"collection": len(declared), "group": len(declared_by_groups)})
    return +compared, tuple(differences)
