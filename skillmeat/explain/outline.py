"""A plan as an outline in words: the inputs of a step are below it, one level deeper.

The outer rows of a nested loop are on the same level as the steps that run for each of them. A node
that only passes rows on is left out. A node that never ran is one line, without its inputs.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from skillmeat.explain.plan import Node
from skillmeat.explain.relations import get_label

_SENTENCES: Final = {
    "Append": "puts {lists} lists one after the other",
    "Bitmap Heap Scan": "looks up {what} by {indexes}",
    "Bitmap Index Scan": "finds the locations of rows by {index}",
    "BitmapAnd": "keeps the locations that all of these found",
    "BitmapOr": "takes the locations that any of these found",
    "CTE Scan": "reads {cte}, computed before",
    "Function Scan": "runs {what}",
    "Gather Merge": "collects the rows of {workers} parallel workers, in order",
    "Gather": "collects the rows of {workers} parallel workers",
    "Group": "puts equal rows together",
    "Hash Join": "joins two lists by a hash",
    "Hash": "puts the rows below into a hash table in memory",
    "Incremental Sort": "sorts rows that are partly sorted{order}",
    "Limit": "stops when it has as many rows as were asked for",
    "LockRows": "locks the rows",
    "Materialize": "keeps the rows below in memory",
    "Memoize": "remembers the results of lookups",
    "Merge Append": "merges {lists} lists, in order{order}",
    "Merge Join": "joins two sorted lists",
    "Nested Loop": "goes through the rows below one by one",
    "ProjectSet": "unfolds lists into rows",
    "Recursive Union": "repeats until it finds no new row",
    "Result": "computes rows without reading a table",
    "Seq Scan": "reads {what} from end to end",
    "SetOp": "compares two lists",
    "Sort": "sorts{order}",
    "Table Function Scan": "runs {what}",
    "Unique": "leaves repeated rows out",
    "Values Scan": "reads values out of the statement",
    "WindowAgg": "computes each row with the rows around it",
    "WorkTable Scan": "reads the rows of {cte} that were found so far",
}
_KEY: Final = "key"
_LITERALS: Final = re.compile(r"'(?:[^']|'')*'")
_COLUMN: Final = re.compile(r'(?:\w+\.)?(\w+)(?: COLLATE "C")?( DESC)?')
_PASS_ROWS_ON: Final = frozenset({"Result", "Subquery Scan"})


@dataclass(frozen=True, slots=True)
class Step:
    """A line of the outline, `depth` levels in; `node` has its figures, of all loops together.

    A line without a node, such as "for each of these 50 rows", has no figures.
    """

    depth: int
    words: str
    node: Node | None = None


def build_outline(plan: Node) -> tuple[Step, ...]:
    """Return the steps of a plan, from the top."""
    return tuple(_list_steps(plan, 0))


def _list_steps(node: Node, depth: int) -> Iterator[Step]:
    if not node.loops:
        yield Step(depth, f"not needed: {_join_labels(node)}")
    elif _passes_rows_on(node):
        for each in node.children:
            yield from _list_child_steps(each, depth)
    elif node.node_type == "Nested Loop" and len(node.inputs) > 1:
        yield from _list_loop_steps(node, depth)
    elif node.node_type == "Limit" and (scan := _find_only_scan(node)) is not None:
        first, *rest = _list_steps(scan, depth)
        yield replace(first, words=f"{first.words}, only as far as needed")
        yield from rest
        for each in node.subplans:
            yield from _list_child_steps(each, depth + 1)
    else:
        yield Step(depth, _describe(node), node)
        hidden = node.inputs if node.node_type == "Bitmap Heap Scan" else ()
        for each in node.children:
            if each not in hidden:
                yield from _list_child_steps(each, depth + 1)


def _list_child_steps(node: Node, depth: int) -> Iterator[Step]:
    if node.relationship != "InitPlan" or not node.loops:
        yield from _list_steps(node, depth)
        return
    name = (node.subplan_name or "").removeprefix("CTE ")
    when = f"once, as {name}" if (node.subplan_name or "").startswith("CTE ") else "once"
    first, *rest = _list_steps(node, depth)
    if any(each.depth == depth for each in rest):
        yield Step(depth, f"{when}:")
        yield from (replace(each, depth=each.depth + 1) for each in (first, *rest))
    else:
        yield replace(first, words=f"{when}, {first.words}")
        yield from rest


def _list_loop_steps(node: Node, depth: int) -> Iterator[Step]:
    outer, *inner = node.inputs
    for each in node.subplans:
        if each.relationship == "InitPlan":
            yield from _list_child_steps(each, depth)
    outer_steps = tuple(_list_steps(outer, depth))
    yield from outer_steps
    within = depth
    # The number of inner loops is exact; an average of rows may have been rounded.
    times = max((each.loops for each in inner), default=0)
    if outer_steps and times:
        yield Step(depth, f"for each of these {times:,} rows:" if times > 1 else "for that row:")
        within += 1
    for each in inner:
        yield from _list_steps(each, within)
    if node.rows_removed:
        about = "about " if node.is_average else ""
        removed = f"drops {about}{node.total_rows_removed:,}"
        yield Step(within, f"keeps {about}{node.total_rows:,} and {removed}")
    for each in node.subplans:
        if each.relationship == "SubPlan":
            yield from _list_steps(each, within)


def _passes_rows_on(node: Node) -> bool:
    return node.node_type in _PASS_ROWS_ON and not node.rows_removed


def _find_only_scan(node: Node) -> Node | None:
    (below,) = node.inputs
    while _passes_rows_on(below) and len(below.children) == 1:
        (below,) = below.children
    return below if below.relation_or_function is not None and below.loops else None


def _join_labels(node: Node) -> str:
    names = dict.fromkeys(
        get_label(name) for name in (each.relation_or_function for each in node) if name is not None
    )
    return ", ".join(names) or _describe(node)


def _describe(node: Node) -> str:
    """Describe a node in words; an unknown node keeps PostgreSQL's name."""
    what = get_label(node.relation_or_function or "")
    if node.node_type in ("Index Scan", "Index Only Scan"):
        return _describe_index_scan(node, what)
    if node.node_type == "Aggregate":
        return "adds up the rows below" + (" by groups" if node.strategy != "Plain" else "")
    if node.node_type in _SENTENCES:
        indexes = dict.fromkeys(_describe_index(each.index) for each in node if each.index)
        return _SENTENCES[node.node_type].format(
            what=what or "the rows below",
            lists=len(node.inputs),
            index=_describe_index(node.index),
            indexes=" and ".join(indexes),
            order=_describe_sort_key(node),
            cte=node.cte,
            workers=node.workers,
        )
    named = f"{node.node_type} ({node.provider})" if node.provider else node.node_type
    return f"{named} of {what}" if what else named


def _describe_index_scan(node: Node, what: str) -> str:
    if node.condition is None:
        return f"reads {what} {_describe_scan_order(node)}"
    if re.search("[<>]", _LITERALS.sub("", node.condition)):
        return f"reads a range of {what} {_describe_scan_order(node)}"
    return f"looks up {what} by {_describe_index(node.index)}"


def _describe_scan_order(node: Node) -> str:
    index = _describe_index(node.index)
    order = "in key order" if index == _KEY else f"in the order of {index}"
    return f"{order}, backwards" if node.direction == "Backward" else order


def _describe_index(index: str | None) -> str:
    is_key = index is not None and index.endswith(("_pkey", "_snapshot_id_idx"))
    return _KEY if is_key else f"the index {index}"


def _describe_sort_key(node: Node) -> str:
    # A computed sort key has no column name, and makes no sense without its statement.
    columns = [_COLUMN.fullmatch(each) for each in node.sort_key]
    names = [f"{each[1]}{', largest first' if each[2] else ''}" for each in columns if each]
    return f" by {', '.join(names)}" if names else ""
