"""A read of the thin layer, explained: what it sends, and what the server does for it."""

from skillmeat.explain.hints import is_read_live, warnings_of
from skillmeat.explain.outline import Step, steps_of
from skillmeat.explain.plan import Blocks, Node
from skillmeat.explain.recorder import Sent, recorded
from skillmeat.explain.relations import Part, parts_of
from skillmeat.explain.runner import Explained, Ran, Statement, explained, text_plan

__all__ = [
    "Blocks",
    "Explained",
    "Node",
    "Part",
    "Ran",
    "Sent",
    "Statement",
    "Step",
    "explained",
    "is_read_live",
    "parts_of",
    "recorded",
    "steps_of",
    "text_plan",
    "warnings_of",
]
