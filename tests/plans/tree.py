"""Facts about a plan, from the tree of EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON)."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Any

Plan = dict[str, Any]

APPENDS = frozenset({"Append", "Merge Append"})
PROCESSED = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Join Filter")
SORTS = frozenset({"Sort", "Incremental Sort"})


def nodes(plan: Plan) -> Iterator[Plan]:
    """Yield every node of a plan, parents before children."""
    yield plan
    for below in plan.get("Plans", []):
        yield from nodes(below)


def count_rows_read(plan: Plan, *, of: AbstractSet[str]) -> int:
    """Return how many rows of those tables a plan fetched or filtered out in all loops."""
    return sum(
        # A bitmap's rows are counted where they are fetched.
        round((node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"])
        for node in nodes(plan)
        if node.get("Relation Name") in of
    )


def count_rows_processed(plan: Plan) -> int:
    """Return how many rows all nodes of a plan returned or filtered out in all loops."""
    return sum(
        round(sum(node.get(rows, 0) for rows in PROCESSED) * node["Actual Loops"])
        for node in nodes(plan)
    )


def count_rows_sorted(plan: Plan) -> float:
    """Return how many rows the largest sort of a plan sorted."""
    return max(
        (sort["Plans"][0]["Actual Rows"] for sort in nodes(plan) if sort["Node Type"] in SORTS),
        default=0,
    )


def list_full_scans(plan: Plan, *, of: AbstractSet[str]) -> set[str]:
    """Return the tables among those that a plan scanned as a whole."""
    return {
        node["Relation Name"]
        for node in nodes(plan)
        if node["Node Type"] == "Seq Scan" and node["Actual Loops"] and node["Relation Name"] in of
    }


def blocks_touched(plan: Plan) -> int:
    """Return how many blocks of tables and indexes a plan read, from cache or from disk."""
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


def list_appended_scans(plan: Plan) -> tuple[Plan, ...]:
    """Return the scan nodes of the Append of the plan that reads the snapshot, by table."""
    scans = [
        [scan for scan in nodes(append) if "Relation Name" in scan]
        for append in nodes(plan)
        if append["Node Type"] in APPENDS
    ]
    return tuple(
        scan
        for together in scans
        if any(each["Relation Name"] == "artifact_summaries_snapshot" for each in together)
        for scan in together
    )


def is_merged(plan: Plan) -> bool:
    """Return whether a Merge Append of the plan reads each table by an ordered index scan."""
    merges = [node for node in nodes(plan) if node["Node Type"] == "Merge Append"]
    return bool(merges) and all(
        scan["Node Type"] in {"Index Scan", "Index Only Scan"}
        for scan in list_appended_scans(merges[0])
    )


def count_probes(plan: Plan, relation: str) -> int:
    """Return how often a plan probed that table outside its Append."""
    beside = [id(scan) for scan in list_appended_scans(plan)]
    return sum(
        node["Actual Loops"]
        for node in nodes(plan)
        if node.get("Relation Name") == relation and id(node) not in beside
    )
