"""Compare constraints and indexes."""

from collections.abc import Iterable, Iterator

from skillmeat.migration.schema_diff.difference import (
    Comparison,
    Difference,
    comment_new_object,
    is_same,
)
from skillmeat.migration.schema_diff.introspection import Facts

_NOT_VALID = " NOT VALID"


def compare_extra_constraints(comparison: Comparison) -> Iterator[Difference]:
    """Yield constraints and unique indexes that refuse rows that the revision accepts."""
    for name, actual in _foreign_first(comparison.unexpected("constraint")):
        if actual["domain"] and actual["domain"] not in comparison.expected["domain"]:
            continue
        yield Difference(
            "constraint",
            name,
            f"is not the revision's: {actual['definition']}",
            (*_drop_referring(comparison, actual), _drop_constraint(actual)),
        )
    for name, actual in comparison.unexpected("index"):
        if actual["is unique"]:
            yield Difference(
                "index",
                name,
                "is unique and not the revision's",
                (f"drop index if exists {actual['identity']}",),
            )


def compare_constraints(comparison: Comparison) -> Iterator[Difference]:
    """Yield constraints that are missing, not validated, not enforced or of another definition."""
    order = sorted(
        comparison.expected["constraint"].items(), key=lambda each: each[1]["is foreign"]
    )
    for name, expected in order:
        actual = comparison.actual["constraint"].get(name)
        if actual is None:
            if comparison.has_relation(expected) and _has_domain(comparison, expected):
                yield Difference("constraint", name, "is missing", _create_constraint(expected))
            continue
        problem = _problem(expected, actual)
        if problem is None:
            continue
        if _is_not_validated(expected, actual):
            statements: tuple[str, ...] = (_validate_constraint(expected),)
        elif expected["is key"]:
            referring = _list_referring(comparison, actual)
            statements = (
                *_drop_referring(comparison, actual),
                *_create_constraint(expected),
                *(each for facts in referring for each in _create_constraint(facts)),
            )
        else:
            statements = _create_constraint(expected)
        yield Difference("constraint", name, problem, statements)


def _is_not_validated(expected: Facts, actual: Facts) -> bool:
    """Return whether a constraint differs only in that it is not validated."""
    definition = actual["definition"].removesuffix(_NOT_VALID)
    return definition != actual["definition"] and is_same(expected, {"definition": definition})


def _problem(expected: Facts, actual: Facts) -> str | None:
    if _is_not_validated(expected, actual):
        return "is not validated: rows from before it may break it"
    if not is_same(expected, actual):
        return f"is {actual['definition']}, not {expected['definition']}"
    if actual["rests on"] != expected["rests on"]:
        return f"rests on {actual['rests on']}, not on {expected['rests on']}"
    if actual["disabled triggers"]:
        return "is not enforced: triggers of it are disabled"
    if actual["index is valid"] is False:
        return "is not enforced: its index is invalid"
    return None


def compare_indexes(comparison: Comparison) -> Iterator[Difference]:
    """Yield indexes that are missing, invalid or of another definition."""
    for name, expected in comparison.expected["index"].items():
        if not comparison.has_relation(expected):
            continue
        actual = comparison.actual["index"].get(name)
        if actual is None:
            problem = "is missing"
        elif actual["definition"] != expected["definition"]:
            problem = f"is {actual['definition']}"
        elif not actual["is valid"]:
            problem = "is invalid: no query uses it"
        else:
            continue
        yield Difference(
            "index",
            name,
            problem,
            (f"drop index if exists {expected['identity']}", *create_index(expected)),
        )


def create_index(expected: Facts) -> tuple[str, ...]:
    """Return statements that create an index with its comment."""
    return (
        expected["definition"],
        *comment_new_object(f"index {expected['identity']}", expected["comment"]),
    )


def _create_constraint(facts: Facts) -> tuple[str, ...]:
    of, name = facts["of"], facts["constraint"]
    adding = f"alter {of} add constraint {name} {facts['definition']}"
    comment = comment_new_object(
        f"constraint {name} on {of.removeprefix('table ')}", facts["comment"]
    )
    if facts["is key"]:
        return (_drop_constraint(facts), adding, *comment)
    # In a script, sessions wait while a constraint is added, but not while it is validated.
    return (_drop_constraint(facts), adding + _NOT_VALID, _validate_constraint(facts), *comment)


def _validate_constraint(facts: Facts) -> str:
    return f"alter {facts['of']} validate constraint {facts['constraint']}"


def _drop_constraint(facts: Facts) -> str:
    return f"alter {facts['of']} drop constraint if exists {facts['constraint']}"


def _drop_referring(comparison: Comparison, key: Facts) -> tuple[str, ...]:
    # A key cannot be dropped before the foreign keys on it; those of other schemas stay.
    return tuple(_drop_constraint(facts) for facts in _list_referring(comparison, key))


def _list_referring(comparison: Comparison, key: Facts) -> list[Facts]:
    return [
        comparison.expected["constraint"][name]
        for name, facts in comparison.actual["constraint"].items()
        if facts["is foreign"]
        and facts["rests on"] == key["identity"]
        and name in comparison.expected["constraint"]
    ]


def _foreign_first(found: Iterable[tuple[str, Facts]]) -> list[tuple[str, Facts]]:
    return sorted(found, key=lambda each: not each[1]["is foreign"])


def _has_domain(comparison: Comparison, facts: Facts) -> bool:
    return facts["domain"] is None or facts["domain"] in comparison.actual["domain"]
