"""Triggers, rules and policies: what happens beside a statement."""

from collections.abc import Iterator

from skillmeat.migration.schema_diff.difference import Compared, Difference, commented, is_same
from skillmeat.migration.schema_diff.introspection import Facts

FIRES = {
    "O": "enabled",
    "D": "disabled",
    "R": "enabled on replicas only",
    "A": "enabled on replicas too",
}
ENABLING = {"O": "enable", "D": "disable", "R": "enable replica", "A": "enable always"}


def extra_triggers(compared: Compared) -> Iterator[Difference]:
    """Triggers, rules and policies that the revision does not have."""
    for kind in ("trigger", "rule", "policy"):
        for name, actual in compared.unexpected(kind):
            yield Difference(
                kind,
                name,
                "is not the revision's",
                (f"drop {kind} if exists {actual[kind]} on {actual['of']}",),
            )


def triggers(compared: Compared) -> Iterator[Difference]:
    """Triggers that are missing, of another definition, or not enabled."""
    for name, expected in compared.missing("trigger"):
        yield Difference("trigger", name, "is missing", made(expected))
    for name, expected, actual in compared.both("trigger"):
        if not is_same(expected, actual):
            yield Difference(
                "trigger", name, "its definition is not the revision's", made(expected)
            )
        elif expected["fires"] != actual["fires"]:
            yield Difference(
                "trigger", name, f"is {FIRES[actual['fires']]}", (_enabling(expected),)
            )


def made(facts: Facts) -> tuple[str, ...]:
    """What makes a trigger anew."""
    on = f"trigger {facts['trigger']} on {facts['of']}"
    enabled = () if facts["fires"] == "O" else (_enabling(facts),)
    return (
        dropping(facts),
        facts["definition"],
        *enabled,
        *commented(on, facts["comment"]),
    )


def dropping(facts: Facts) -> str:
    """What drops a trigger, if it is there."""
    return f"drop trigger if exists {facts['trigger']} on {facts['of']}"


def _enabling(facts: Facts) -> str:
    return f"alter table {facts['of']} {ENABLING[facts['fires']]} trigger {facts['trigger']}"
