"""A hook of Schemathesis: a field gets at most two values of a wrong type, not five."""

from collections import Counter
from itertools import count
from typing import Any

import schemathesis
from schemathesis import Case, HookContext
from schemathesis.generation.meta import CoveragePhaseData, CoverageScenario

# Every field gets its first wrong type, and another one by its number.
TYPES = 4
_numbers = count()
_fields: dict[object, int] = {}
_sent: Counter[object] = Counter()


@schemathesis.hook
def filter_case(_context: HookContext, case: Case[Any]) -> bool:
    """Return whether a request is sent: all are, but those that repeat a wrong type."""
    data = case.meta.phase.data if case.meta else None
    if (
        not isinstance(data, CoveragePhaseData)
        or data.scenario is not CoverageScenario.INCORRECT_TYPE
    ):
        return True
    field = (case.operation.label, data.parameter_location, data.parameter, data.location)
    if field not in _fields:
        _fields[field] = next(_numbers) % TYPES
    place = _sent[field]
    _sent[field] += 1
    return place in (0, _fields[field])
