"""Where a plan reads in proportion to the catalogue and not to the page, and what helps."""

from collections.abc import Iterator
from typing import Final

from skillmeat.explain.plan import Node
from skillmeat.explain.relations import called, name_of

# As many rows are cheap in any case, and so are a few for each that is shown.
_ALWAYS_CHEAP: Final = 1000
_FOR_EACH_SHOWN: Final = 4
_SORTS: Final = frozenset({"Sort", "Incremental Sort"})
_REFRESH: Final = "`skillmeat refresh` helps"
_HELP: Final = {
    "artifact_changes": _REFRESH,
    "artifact_summaries_snapshot": _REFRESH,
    "count_changes": '`skillmeat psql -c "select settle_counts()"` helps',
    "search_artifacts": "a search costs what its words find: rarer words help",
}
_ANALYSE: Final = (
    "`skillmeat psql -c analyze` tells the planner how large it is, "
    "`skillmeat migrate check` whether an index is gone"
)


def warnings_of(plan: Node, *, shown: int) -> tuple[str, ...]:
    """What in a plan costs more the larger the catalogue is, a line each; `shown` rows came out."""
    return tuple(dict.fromkeys(_warnings(plan, max(_ALWAYS_CHEAP, _FOR_EACH_SHOWN * shown))))


def is_read_live(plan: Node) -> bool:
    """Whether artifacts were read without the snapshot, which the plan knows."""
    scans = [each for each in plan if each.relation == "artifact_summaries_snapshot"]
    is_used = any(each.loops for each in scans)
    return bool(scans) and not is_used and any(_is_live(each) for each in plan)


def _is_live(node: Node) -> bool:
    return node.relation == "artifacts" and node.loops > 0


def _warnings(plan: Node, cheap: int) -> Iterator[str]:
    for node in plan:
        looked_at = round(node.rows + node.dropped)
        name = name_of(node)
        if name is not None and looked_at > cheap:
            way = "from end to end" if node.kind == "Seq Scan" else "at a time"
            dropped = f" and drops {round(node.dropped):,} of them" if node.dropped else ""
            yield (
                f"reads {looked_at:,} rows of {called(name)} {way}{dropped}: "
                f"{_HELP.get(name, _ANALYSE)}"
            )
        elif node.kind in _SORTS and _taken(node) > cheap:
            yield f"sorts {_taken(node):,} rows: {_ANALYSE}"


def _taken(node: Node) -> int:
    return round(sum(each.rows for each in node.inputs))
