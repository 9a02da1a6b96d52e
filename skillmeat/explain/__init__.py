"""Explain a read of the catalogue: its statements, and the work of the server for them."""

from skillmeat.explain.outline import Step, build_outline
from skillmeat.explain.plan import Blocks, Node
from skillmeat.explain.relations import (
    RelationUsage,
    is_read_live,
    list_relation_usage,
    list_warnings,
)
from skillmeat.explain.runner import (
    Execution,
    ExplainedRead,
    ExplainedStatement,
    Statement,
    explain_read,
    read_text_plan,
)

__all__ = [
    "Blocks",
    "Execution",
    "ExplainedRead",
    "ExplainedStatement",
    "Node",
    "RelationUsage",
    "Statement",
    "Step",
    "build_outline",
    "explain_read",
    "is_read_live",
    "list_relation_usage",
    "list_warnings",
    "read_text_plan",
]
