"""The plan of a statement that was run, as EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) has it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

_DROPPED: Final = (
    "Rows Removed by Filter",
    "Rows Removed by Join Filter",
    "Rows Removed by Index Recheck",
    "Rows Removed by Conflict Filter",
)
_ASIDE: Final = frozenset({"InitPlan", "SubPlan"})


@dataclass(frozen=True, slots=True)
class Blocks:
    """Blocks of tables and indexes; of `touched`, those `read` were not in the server's memory.

    `temporary` ones were written and read because something did not fit into `work_mem`.
    """

    touched: int
    read: int
    temporary: int


@dataclass(frozen=True, slots=True)
class Node:
    """A node of a plan, with what is below it counted in its blocks.

    `rows` and `dropped` are averages of one of its `loops`; before PostgreSQL 18 the server rounds
    them to whole numbers.
    """

    kind: str
    relationship: str | None
    subplan: str | None
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
    dropped: float
    loops: int
    blocks: Blocks
    below: tuple["Node", ...]

    @property
    def is_average(self) -> bool:
        """Whether all that is known of its rows is a rounded average."""
        return self.is_rounded and self.loops > 1

    @property
    def all_rows(self) -> int:
        """How many rows all loops together have brought forth."""
        return round(self.rows * self.loops)

    @property
    def all_dropped(self) -> int:
        """How many rows all loops together have looked at in vain."""
        return round(self.dropped * self.loops)

    @property
    def aside(self) -> tuple["Node", ...]:
        """What is worked out beside its rows: before all of them, or for each."""
        return tuple(each for each in self.below if each.relationship in _ASIDE)

    @property
    def inputs(self) -> tuple["Node", ...]:
        """What its rows are made from."""
        return tuple(each for each in self.below if each.relationship not in _ASIDE)

    def __iter__(self) -> Iterator["Node"]:
        """Itself and all nodes below, the topmost first."""
        yield self
        for each in self.below:
            yield from each


def node_of(plan: Mapping[str, Any]) -> Node:
    """The node that a JSON object of the server describes, whatever its kind."""
    rows = plan.get("Actual Rows", 0)
    return Node(
        kind=plan["Node Type"],
        relationship=plan.get("Parent Relationship"),
        subplan=plan.get("Subplan Name"),
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
        dropped=sum(plan.get(each, 0) for each in _DROPPED),
        loops=plan.get("Actual Loops", 0),
        blocks=blocks_of(plan),
        below=tuple(map(node_of, plan.get("Plans", ()))),
    )


def blocks_of(plan: Mapping[str, Any]) -> Blocks:
    """The blocks that a node, or planning, has touched."""

    def blocks(*names: str) -> int:
        return sum(plan.get(f"{name} Blocks", 0) for name in names)

    return Blocks(
        touched=blocks("Shared Hit", "Shared Read", "Local Hit", "Local Read"),
        read=blocks("Shared Read", "Local Read"),
        temporary=blocks("Temp Read", "Temp Written"),
    )
