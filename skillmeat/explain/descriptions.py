"""One node of a plan in words."""

import re
from typing import Final

from skillmeat.explain.plan import Node
from skillmeat.explain.relations import called, name_of

_SENTENCES: Final = {
    "Append": "puts {lists} lists one after the other",
    "Bitmap Heap Scan": "looks up {what} by {indexes}",
    "Bitmap Index Scan": "looks for places by {index}",
    "BitmapAnd": "keeps the places that all of these name",
    "BitmapOr": "takes the places that any of these names",
    "CTE Scan": "reads {cte}, made before",
    "Function Scan": "runs {what}",
    "Gather Merge": "gathers what {workers} parallel workers found, in order",
    "Gather": "gathers what {workers} parallel workers found",
    "Group": "puts equal rows together",
    "Hash Join": "matches two lists by a hash",
    "Hash": "puts what is below in memory, to be found by a hash",
    "Incremental Sort": "sorts what is sorted in part{order}",
    "Limit": "takes no more than is asked for",
    "LockRows": "locks the rows",
    "Materialize": "keeps what is below in memory",
    "Memoize": "remembers what has been looked up",
    "Merge Append": "merges {lists} lists, in order{order}",
    "Merge Join": "matches two sorted lists",
    "Nested Loop": "goes through what is below row by row",
    "ProjectSet": "unfolds lists into rows",
    "Recursive Union": "goes on until nothing new is found",
    "Result": "makes rows from what is known",
    "Seq Scan": "reads {what} from end to end",
    "SetOp": "compares two lists",
    "Sort": "sorts{order}",
    "Table Function Scan": "runs {what}",
    "Unique": "leaves repeated rows out",
    "Values Scan": "reads values out of the statement",
    "WindowAgg": "looks at the rows around each",
    "WorkTable Scan": "reads {cte} as it was found so far",
}
_KEY: Final = "key"
_LITERALS: Final = re.compile(r"'(?:[^']|'')*'")
_COLUMN: Final = re.compile(r'(?:\w+\.)?(\w+)(?: COLLATE "C")?( DESC)?')


def described(node: Node) -> str:
    """What a node does. One that is not known here is named as PostgreSQL names it."""
    what = called(name_of(node) or "")
    if node.kind in ("Index Scan", "Index Only Scan"):
        return _by_index(node, what)
    if node.kind == "Aggregate":
        return "adds up what is below" + (" by groups" if node.strategy != "Plain" else "")
    if node.kind in _SENTENCES:
        indexes = dict.fromkeys(_named(each.index) for each in node if each.index)
        return _SENTENCES[node.kind].format(
            what=what or "what is below",
            lists=len(node.inputs),
            index=_named(node.index),
            indexes=" and ".join(indexes),
            order=_order(node),
            cte=node.cte,
            workers=node.workers,
        )
    named = f"{node.kind} ({node.provider})" if node.provider else node.kind
    return f"{named} of {what}" if what else named


def _by_index(node: Node, what: str) -> str:
    if node.condition is None:
        return f"reads {what} {_ordered(node)}"
    if re.search("[<>]", _LITERALS.sub("", node.condition)):
        return f"reads a stretch of {what} {_ordered(node)}"
    return f"looks up {what} by {_named(node.index)}"


def _ordered(node: Node) -> str:
    index = _named(node.index)
    order = "in key order" if index == _KEY else f"in the order of {index}"
    return f"{order}, backwards" if node.direction == "Backward" else order


def _named(index: str | None) -> str:
    is_key = index is not None and index.endswith(("_pkey", "_snapshot_id_idx"))
    return _KEY if is_key else f"the index {index}"


def _order(node: Node) -> str:
    # What is computed would need the statement beside it.
    columns = [_COLUMN.fullmatch(each) for each in node.sort_key]
    names = [f"{each[1]}{', largest first' if each[2] else ''}" for each in columns if each]
    return f" by {', '.join(names)}" if names else ""
