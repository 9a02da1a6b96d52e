"""Compare views and functions; replace them if possible, else recreate them and dependents."""

from collections.abc import Iterator

from skillmeat.migration.schema_diff.difference import Comparison, Difference, is_same
from skillmeat.migration.schema_diff.introspection import VIEWS, Facts
from skillmeat.migration.schema_diff.recreate import (
    create_object,
    find_definition,
    recreate_object,
    replace_object,
    sort_by_dependency,
)

ASPECTS = (
    "language",
    "security",
    "volatility",
    "parallel",
    "is strict",
    "is leakproof",
    "cost",
    "rows",
    "result",
    "arguments",
    "kind",
)
LETTERS = {
    "volatility": {"i": "immutable", "s": "stable", "v": "volatile"},
    "parallel": {"s": "safe", "r": "restricted", "u": "unsafe"},
}


def compare_extra_functions(comparison: Comparison) -> Iterator[Difference]:
    """Yield functions and operators that could be called instead of ours or of PostgreSQL's."""
    ours = {facts["called"] for facts in comparison.expected["function"].values()}
    for name, actual in comparison.unexpected("function"):
        if actual["called"] in ours or actual["hides one of PostgreSQL"]:
            yield Difference(
                actual["kind"],
                name,
                "is not the revision's, and may be called in place of another",
                (f"drop {actual['kind']} if exists {actual['identity']}",),
            )
    for name, actual in comparison.unexpected("operator"):
        yield Difference(
            "operator",
            name,
            "is not the revision's, and may be taken for another",
            (f"drop operator if exists {actual['identity']}",),
        )


def compare_definitions(comparison: Comparison) -> Iterator[Difference]:
    """Yield the missing or different views and functions, in an order to create them."""
    for name in sort_by_dependency(comparison.expected):
        kind, expected = find_definition(comparison, name)
        actual = comparison.actual[kind].get(name)
        if actual is None:
            yield Difference(expected["kind"], name, "is missing", create_object(comparison, name))
        elif expected["kind"] != actual["kind"] and kind == "relation":
            problem = f"is a {actual['kind']}, not a {expected['kind']}"
            is_view = actual["kind"] in VIEWS
            yield Difference(
                actual["kind"],
                name,
                problem if is_view else f"{problem}: rename or drop it by hand",
                recreate_object(comparison, name) if is_view else (),
            )
        elif not is_same(expected, actual):
            yield Difference(
                expected["kind"],
                name,
                _problem(kind, expected, actual),
                _replace_or_recreate(comparison, name, expected, actual),
            )
        elif kind == "relation" and expected["columns"] != actual["columns"]:
            yield Difference(
                expected["kind"],
                name,
                "its columns are not the revision's",
                recreate_object(comparison, name),
            )


def _replace_or_recreate(
    comparison: Comparison, name: str, expected: Facts, actual: Facts
) -> tuple[str, ...]:
    same = ("columns",) if "columns" in expected else ("kind", "result", "arguments")
    is_replaceable = expected["kind"] != "materialized view" and all(
        expected[each] == actual[each] for each in same
    )
    if is_replaceable:
        return (replace_object(expected),)
    return recreate_object(comparison, name)


def _problem(kind: str, expected: Facts, actual: Facts) -> str:
    if kind == "relation":
        return "its definition is not the revision's"
    problems = [
        f"{each} is {_format_aspect(each, actual)}, not {_format_aspect(each, expected)}"
        for each in ASPECTS
        if expected[each] != actual[each]
    ]
    if expected["body"] != actual["body"]:
        problems.insert(0, "the body is not the revision's")
    wanted, found = _settings(expected), _settings(actual)
    if wanted != found:
        problems.append(f"settings are {found or 'none'}, not {wanted or 'none'}")
    return "; ".join(problems) or "its definition is not the revision's"


def _format_aspect(aspect: str, facts: Facts) -> str:
    return str(LETTERS.get(aspect, {}).get(facts[aspect], facts[aspect]))


def _settings(facts: Facts) -> str:
    head = str(facts["definition"] or "").partition("\nAS ")[0]
    return ", ".join(line[5:] for line in head.splitlines() if line.startswith(" SET "))
