"""A plan in words, step by step: what rows are made from stands below them, further in.

Of a nested loop the first list stands beside what is done for each of its rows. What only hands
rows on is left out, and what never ran is one line, whatever is below it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from skillmeat.explain.descriptions import described
from skillmeat.explain.plan import Node
from skillmeat.explain.relations import called, name_of

_HANDS_ON: Final = frozenset({"Result", "Subquery Scan"})


@dataclass(frozen=True, slots=True)
class Step:
    """A line: `depth` says how far in. The figures are those of all times together.

    A line without a node, such as "for each of these 50 rows", has no figures.
    """

    depth: int
    words: str
    node: Node | None = None


def steps_of(plan: Node) -> tuple[Step, ...]:
    """The steps of a plan, from the top."""
    return tuple(_steps(plan, 0))


def _steps(node: Node, depth: int) -> Iterator[Step]:
    if not node.loops:
        yield Step(depth, f"not needed: {_what(node)}")
    elif _is_silent(node):
        for each in node.below:
            yield from _child(each, depth)
    elif node.kind == "Nested Loop" and len(node.inputs) > 1:
        yield from _loop(node, depth)
    elif node.kind == "Limit" and (scan := _only_scan(node)) is not None:
        first, *rest = _steps(scan, depth)
        yield replace(first, words=f"{first.words}, no further than needed")
        yield from rest
        for each in node.aside:
            yield from _child(each, depth + 1)
    else:
        yield Step(depth, described(node), node)
        hidden = node.inputs if node.kind == "Bitmap Heap Scan" else ()
        for each in node.below:
            if each not in hidden:
                yield from _child(each, depth + 1)


def _child(node: Node, depth: int) -> Iterator[Step]:
    if node.relationship != "InitPlan" or not node.loops:
        yield from _steps(node, depth)
        return
    name = (node.subplan or "").removeprefix("CTE ")
    when = f"once, as {name}" if (node.subplan or "").startswith("CTE ") else "once"
    first, *rest = _steps(node, depth)
    if any(each.depth == depth for each in rest):
        yield Step(depth, f"{when}:")
        yield from (replace(each, depth=each.depth + 1) for each in (first, *rest))
    else:
        yield replace(first, words=f"{when}, {first.words}")
        yield from rest


def _loop(node: Node, depth: int) -> Iterator[Step]:
    outer, *inner = node.inputs
    for each in node.aside:
        if each.relationship == "InitPlan":
            yield from _child(each, depth)
    outer_steps = tuple(_steps(outer, depth))
    yield from outer_steps
    within = depth
    # How often the inner one ran is exact; an average of rows may have been rounded.
    times = max((each.loops for each in inner), default=0)
    if outer_steps and times:
        yield Step(depth, f"for each of these {times:,} rows:" if times > 1 else "for that row:")
        within += 1
    for each in inner:
        yield from _steps(each, within)
    if node.dropped:
        about = "about " if node.is_average else ""
        yield Step(within, f"keeps {about}{node.all_rows:,} and drops {about}{node.all_dropped:,}")
    for each in node.aside:
        if each.relationship == "SubPlan":
            yield from _steps(each, within)


def _is_silent(node: Node) -> bool:
    return node.kind in _HANDS_ON and not node.dropped


def _only_scan(node: Node) -> Node | None:
    (below,) = node.inputs
    while _is_silent(below) and len(below.below) == 1:
        (below,) = below.below
    return below if name_of(below) is not None and below.loops else None


def _what(node: Node) -> str:
    names = dict.fromkeys(called(name) for name in map(name_of, node) if name is not None)
    return ", ".join(names) or described(node)
