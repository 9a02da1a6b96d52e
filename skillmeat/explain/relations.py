"""The tables and indexes that a statement reads, by names that a person knows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from skillmeat.explain.plan import Node

# What a table is called in a sentence, and what it holds.
PARTS: Final = {
    "artifact_summaries_snapshot": ("the snapshot", "artifacts as of the last refresh"),
    "artifact_changes": ("the change log", "which artifacts have changed since that refresh"),
    "artifacts": ("the artifacts", "themselves, read live"),
    "artifact_types": ("the types", "each with its settled count"),
    "artifact_versions": ("the versions", "of artifacts, read live"),
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


@dataclass(frozen=True, slots=True)
class Part:
    """What a statement has done with one table: how often, for how many rows and blocks."""

    name: str
    called: str
    holds: str | None
    times: int
    rows: int
    is_average: bool
    blocks: int
    read: int


def name_of(node: Node) -> str | None:
    """The table or function that a node reads, None for a node that reads none itself."""
    return node.relation or node.function


def called(name: str) -> str:
    """What a table or function is called in a sentence; one that is not ours keeps its name."""
    return PARTS[name][0] if name in PARTS else name


def parts_of(plan: Node) -> tuple[Part, ...]:
    """The tables and functions that a plan has read, in the order in which it names them."""
    nodes: dict[str, list[Node]] = {}
    for node in plan:
        name = name_of(node)
        if name is not None and node.loops:
            nodes.setdefault(name, []).append(node)
    return tuple(_part(name, scans) for name, scans in nodes.items())


def _part(name: str, scans: Sequence[Node]) -> Part:
    return Part(
        name=name,
        called=called(name),
        holds=PARTS[name][1] if name in PARTS else None,
        times=sum(each.loops for each in scans),
        rows=sum(each.all_rows for each in scans),
        is_average=any(each.is_average for each in scans),
        blocks=sum(_own(each, lambda node: node.blocks.touched) for each in scans),
        read=sum(_own(each, lambda node: node.blocks.read) for each in scans),
    )


def _own(node: Node, blocks: Callable[[Node], int]) -> int:
    # What is worked out beside the rows is a scan of its own.
    return max(0, blocks(node) - sum(map(blocks, node.aside)))
