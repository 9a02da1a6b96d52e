"""The plan of an executed statement, from EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

_REMOVED: Final = (
    "Rows Removed by Filter",
    "Rows Removed by Join Filter",
    "Rows Removed by Index Recheck",
    "Rows Removed by Conflict Filter",
)
_SUBPLANS: Final = frozenset({"InitPlan", "SubPlan"})


@dataclass(frozen=True, slots=True)
class Blocks:
    """Blocks of tables and indexes; `read` of the `touched` ones were not in the server's memory.

    `temporary` blocks were written and read because something did not fit into `work_mem`.
    """

    touched: int
    read: int
    temporary: int


@dataclass(frozen=True, slots=True)
class Node:
    """A node of a plan; its blocks include those of its children.

    `rows` and `rows_removed` are averages of one of its `loops`; before PostgreSQL 18 the server
    rounds them to whole numbers.
    """

    node_type: str
    relationship: str | None
    subplan_name: str | None
    relation: str | None
    function: str | None
    cte: str | None
    provider: str | None
    index: str | None
    condition: str | None
    direction: str | None
    strategy: str | None
    sort_key: tuple[str, ...]
    workers: int
    rows: float
    is_rounded: bool
    rows_removed: float
    loops: int
    blocks: Blocks
    children: tuple["Node", ...]

    @property
    def relation_or_function(self) -> str | None:
        """The table or function that the node reads, None for a node that reads none itself."""
        return self.relation or self.function

    @property
    def is_average(self) -> bool:
        """Whether its figures are rounded averages of several loops."""
        return self.is_rounded and self.loops > 1

    @property
    def total_rows(self) -> int:
        """The rows that all loops together returned."""
        return round(self.rows * self.loops)

    @property
    def total_rows_removed(self) -> int:
        """The rows that all loops together read and removed."""
        return round(self.rows_removed * self.loops)

    @property
    def subplans(self) -> tuple["Node", ...]:
        """Its InitPlans, which run once, and its SubPlans, which run for each row."""
        return tuple(each for each in self.children if each.relationship in _SUBPLANS)

    @property
    def inputs(self) -> tuple["Node", ...]:
        """The nodes that its rows come from."""
        return tuple(each for each in self.children if each.relationship not in _SUBPLANS)

    def __iter__(self) -> Iterator["Node"]:
        """Yield the node and all nodes below it, the topmost first."""
        yield self
        for each in self.children:
            yield from each


def parse_node(plan: Mapping[str, Any]) -> Node:
    """Make a node of any type from its JSON object."""
    rows = plan.get("Actual Rows", 0)
    return Node(
        node_type=plan["Node Type"],
        relationship=plan.get("Parent Relationship"),
        subplan_name=plan.get("Subplan Name"),
        relation=plan.get("Relation Name"),
        function=plan.get("Function Name"),
        cte=plan.get("CTE Name"),
        provider=plan.get("Custom Plan Provider"),
        index=plan.get("Index Name"),
        condition=plan.get("Index Cond"),
        direction=plan.get("Scan Direction"),
        strategy=plan.get("Strategy"),
        sort_key=tuple(plan.get("Sort Key", ())),
        workers=plan.get("Workers Launched", 0),
        rows=rows,
        is_rounded=isinstance(rows, int),
        rows_removed=sum(plan.get(each, 0) for each in _REMOVED),
        loops=plan.get("Actual Loops", 0),
        blocks=parse_blocks(plan),
        children=tuple(map(parse_node, plan.get("Plans", ()))),
    )


def parse_blocks(plan: Mapping[str, Any]) -> Blocks:
    """Add up the blocks that a node or the planning touched."""

    def blocks(*names: str) -> int:
        return sum(plan.get(f"{name} Blocks", 0) for name in names)

    return Blocks(
        touched=blocks("Shared Hit", "Shared Read", "Local Hit", "Local Read"),
        read=blocks("Shared Read", "Local Read"),
        temporary=blocks("Temp Read", "Temp Written"),
    )
