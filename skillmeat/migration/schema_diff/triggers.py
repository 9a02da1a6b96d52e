"""Compare triggers, rules and policies."""

from collections.abc import Iterator

from skillmeat.migration.schema_diff.difference import (
    Comparison,
    Difference,
    comment_new_object,
    is_same,
)
from skillmeat.migration.schema_diff.introspection import Facts

FIRES = {
    "O": "enabled",
    "D": "disabled",
    "R": "enabled on replicas only",
    "A": "enabled always",
}
ENABLING = {"O": "enable", "D": "disable", "R": "enable replica", "A": "enable always"}
# The trigger that keeps writes from a copy while it moves to another server, and after that.
FENCE = "refuse_writes"


def compare_extra_triggers(comparison: Comparison) -> Iterator[Difference]:
    """Yield triggers, rules and policies that the revision does not have."""
    for kind in ("trigger", "rule", "policy"):
        for name, actual in comparison.unexpected(kind):
            if actual[kind] == FENCE:
                continue
            yield Difference(
                kind,
                name,
                "is not the revision's",
                (f"drop {kind} if exists {actual[kind]} on {actual['of']}",),
            )


def compare_triggers(comparison: Comparison) -> Iterator[Difference]:
    """Yield triggers that are missing, of another definition, or not enabled."""
    for name, expected in comparison.missing("trigger"):
        yield Difference("trigger", name, "is missing", create_trigger(expected))
    for name, expected, actual in comparison.common("trigger"):
        if not is_same(expected, actual):
            yield Difference(
                "trigger", name, "its definition is not the revision's", create_trigger(expected)
            )
        elif expected["fires"] != actual["fires"]:
            problem = f"is {FIRES[actual['fires']]}, should be {FIRES[expected['fires']]}"
            yield Difference("trigger", name, problem, (_enable_trigger(expected),))


def create_trigger(facts: Facts) -> tuple[str, ...]:
    """Return statements that drop and create a trigger."""
    on = f"trigger {facts['trigger']} on {facts['of']}"
    enabled = () if facts["fires"] == "O" else (_enable_trigger(facts),)
    return (
        drop_trigger(facts),
        facts["definition"],
        *enabled,
        *comment_new_object(on, facts["comment"]),
    )


def drop_trigger(facts: Facts) -> str:
    """Return the statement that drops a trigger, if it exists."""
    return f"drop trigger if exists {facts['trigger']} on {facts['of']}"


def _enable_trigger(facts: Facts) -> str:
    return f"alter table {facts['of']} {ENABLING[facts['fires']]} trigger {facts['trigger']}"
