"""The tables that a plan reads: their labels, the rows and blocks read, and warnings."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from skillmeat.explain.plan import Node

# The label of each table in a sentence, and its contents.
_RELATIONS: Final = {
    "artifact_summaries_snapshot": ("the snapshot", "artifacts as of the last refresh"),
    "artifact_changes": ("the change log", "which artifacts have changed since that refresh"),
    "artifacts": ("the artifacts", "themselves, read live"),
    "artifact_types": ("the types", "each with its settled count"),
    "artifact_versions": ("the versions", "of artifacts, read live"),
    "artifact_contents": ("the contents", "the texts of versions, one for each hash"),
    "artifact_tags": ("the taggings", "which artifact has which tag"),
    "tags": ("the tags", "their names and settled counts"),
    "collections": ("the collections", "their names and settled counts"),
    "collection_artifacts": ("the memberships", "which artifact is in which collection"),
    "groups": ("the groups", "of collections, each with its settled count"),
    "group_artifacts": ("the groups' members", "which artifact is in which group"),
    "count_changes": ("the pending counts", "what is committed and not yet in a settled count"),
    "last_refresh": ("the last refresh", "when it was, and what it left"),
    "artifact_changes_seq_seq": ("the log's counter", "how many changes there have been"),
    "pg_class": ("the snapshot's mark", "whether the snapshot is the one of the last refresh"),
    "search_artifacts": ("the search", "finds artifacts by words, from indexes of its own"),
}
# This many rows are always cheap, and so are this many for each row that is shown.
_ALWAYS_CHEAP: Final = 1000
_FOR_EACH_SHOWN: Final = 4
_SORTS: Final = frozenset({"Sort", "Incremental Sort"})
_REFRESH: Final = "`skillmeat refresh` helps"
_HELP: Final = {
    "artifact_changes": _REFRESH,
    "artifact_summaries_snapshot": _REFRESH,
    "count_changes": '`skillmeat psql -c "select settle_counts()"` helps',
    "search_artifacts": "a search costs as much as its words find: search for rarer words",
}
_ANALYSE: Final = (
    "`skillmeat psql -c analyze` tells the planner its size, "
    "`skillmeat migrate check` finds a missing index"
)


@dataclass(frozen=True, slots=True)
class RelationUsage:
    """How often a statement read a table or function, and how many rows and blocks of it."""

    name: str
    called: str
    holds: str | None
    times: int
    rows: int
    is_average: bool
    blocks: int
    read: int


def get_label(name: str) -> str:
    """Return the label of a table or function for a sentence; an unknown one keeps its name."""
    return _RELATIONS[name][0] if name in _RELATIONS else name


def list_relation_usage(plan: Node) -> tuple[RelationUsage, ...]:
    """List the tables and functions that a plan read, in the order of the plan."""
    nodes: dict[str, list[Node]] = {}
    for node in plan:
        name = node.relation_or_function
        if name is not None and node.loops:
            nodes.setdefault(name, []).append(node)
    return tuple(_add_up(name, scans) for name, scans in nodes.items())


def _add_up(name: str, scans: Sequence[Node]) -> RelationUsage:
    return RelationUsage(
        name=name,
        called=get_label(name),
        holds=_RELATIONS[name][1] if name in _RELATIONS else None,
        times=sum(each.loops for each in scans),
        rows=sum(each.total_rows for each in scans),
        is_average=any(each.is_average for each in scans),
        blocks=sum(_count_own_blocks(each, lambda node: node.blocks.touched) for each in scans),
        read=sum(_count_own_blocks(each, lambda node: node.blocks.read) for each in scans),
    )


def _count_own_blocks(node: Node, blocks: Callable[[Node], int]) -> int:
    # A subplan is a scan of its own.
    return max(0, blocks(node) - sum(map(blocks, node.subplans)))


def list_warnings(plan: Node, *, shown: int) -> tuple[str, ...]:
    """Return a line for each cost that grows with the catalogue; `shown` rows were returned."""
    return tuple(dict.fromkeys(_find_warnings(plan, max(_ALWAYS_CHEAP, _FOR_EACH_SHOWN * shown))))


def is_read_live(plan: Node) -> bool:
    """Return whether the plan reads artifacts live although it could use the snapshot."""
    scans = [each for each in plan if each.relation == "artifact_summaries_snapshot"]
    is_used = any(each.loops for each in scans)
    return bool(scans) and not is_used and any(_reads_artifacts(each) for each in plan)


def _reads_artifacts(node: Node) -> bool:
    return node.relation == "artifacts" and node.loops > 0


def _find_warnings(plan: Node, cheap: int) -> Iterator[str]:
    for node in plan:
        looked_at = round(node.rows + node.rows_removed)
        name = node.relation_or_function
        if name is not None and looked_at > cheap:
            way = "from end to end" if node.node_type == "Seq Scan" else "in one scan"
            removed = round(node.rows_removed)
            dropped = f" and drops {removed:,} of them" if node.rows_removed else ""
            yield (
                f"reads {looked_at:,} rows of {get_label(name)} {way}{dropped}: "
                f"{_HELP.get(name, _ANALYSE)}"
            )
        elif node.node_type in _SORTS and _count_input_rows(node) > cheap:
            yield f"sorts {_count_input_rows(node):,} rows: {_ANALYSE}"


def _count_input_rows(node: Node) -> int:
    return round(sum(each.rows for each in node.inputs))
