"""What a plan did, read from the tree that EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) tells."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Any

Plan = dict[str, Any]

APPENDS = frozenset({"Append", "Merge Append"})
SORTS = frozenset({"Sort", "Incremental Sort"})


def nodes(plan: Plan) -> Iterator[Plan]:
    """Every node of a plan, the topmost first."""
    yield plan
    for below in plan.get("Plans", []):
        yield from nodes(below)


def rows_looked_at(plan: Plan, *, of: AbstractSet[str]) -> int:
    """How many rows of those tables a plan fetched or filtered out, all loops together."""
    return sum(
        # A bitmap's rows are counted where they are fetched.
        round((node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"])
        for node in nodes(plan)
        if node.get("Relation Name") in of
    )


def rows_sorted(plan: Plan) -> float:
    """How many rows the largest sort of a plan took in."""
    return max(
        (sort["Plans"][0]["Actual Rows"] for sort in nodes(plan) if sort["Node Type"] in SORTS),
        default=0,
    )


def scanned_whole(plan: Plan, *, of: AbstractSet[str]) -> set[str]:
    """Which of those tables a plan read from end to end."""
    return {
        node["Relation Name"]
        for node in nodes(plan)
        if node["Node Type"] == "Seq Scan" and node["Actual Loops"] and node["Relation Name"] in of
    }


def blocks_touched(plan: Plan) -> int:
    """How many blocks of tables and indexes a plan asked for, wherever they were."""
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


def appended(plan: Plan) -> tuple[Plan, ...]:
    """The tables that a plan reads as one, by the scan of each."""
    return tuple(
        scan
        for append in nodes(plan)
        if append["Node Type"] in APPENDS
        for scan in nodes(append)
        if "Relation Name" in scan
    )


def is_merged(plan: Plan) -> bool:
    """Whether a plan reads tables as one in the order of an index of each."""
    merges = [node for node in nodes(plan) if node["Node Type"] == "Merge Append"]
    return bool(merges) and all(
        scan["Node Type"] in {"Index Scan", "Index Only Scan"} for scan in appended(merges[0])
    )


def lookups(plan: Plan, relation: str) -> int:
    """How often a plan looked for a row of that table beside the tables that it reads as one."""
    beside = [id(scan) for scan in appended(plan)]
    return sum(
        node["Actual Loops"]
        for node in nodes(plan)
        if node.get("Relation Name") == relation and id(node) not in beside
    )
