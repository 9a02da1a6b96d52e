"""A read of the thin layer, explained: what it sends, and what the server does for it."""

from skillmeat.explaining.parts import Part, parts_of
from skillmeat.explaining.plan import Blocks, Node
from skillmeat.explaining.run import Explained, Ran, Statement, explained, text_plan
from skillmeat.explaining.sent import Sent, recorded
from skillmeat.explaining.steps import Step, steps_of
from skillmeat.explaining.warnings import is_read_live, warnings_of

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
