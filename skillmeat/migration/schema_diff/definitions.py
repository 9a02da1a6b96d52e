"""Views and functions: replaced where they can be, else made anew with what needs them."""

from collections.abc import Iterator

from skillmeat.migration.schema_diff.difference import Compared, Difference, is_same
from skillmeat.migration.schema_diff.introspection import Facts
from skillmeat.migration.schema_diff.recreate import (
    created,
    creating,
    definition_of,
    in_order,
    remade,
)
from skillmeat.migration.schema_diff.tables import VIEWS

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


def extra_functions(compared: Compared) -> Iterator[Difference]:
    """Functions and operators that could be called in the place of ours or of PostgreSQL's own."""
    ours = {facts["called"] for facts in compared.expected["function"].values()}
    for name, actual in compared.unexpected("function"):
        if actual["called"] in ours or actual["hides one of PostgreSQL"]:
            yield Difference(
                actual["kind"],
                name,
                "is not the revision's, and may be called in place of another",
                (f"drop {actual['kind']} if exists {actual['identity']}",),
            )
    for name, actual in compared.unexpected("operator"):
        yield Difference(
            "operator",
            name,
            "is not the revision's, and may be taken for another",
            (f"drop operator if exists {actual['identity']}",),
        )


def definitions(compared: Compared) -> Iterator[Difference]:
    """Views and functions that are missing or of another definition, in an order to make them."""
    for name in in_order(compared.expected):
        kind, expected = definition_of(compared, name)
        actual = compared.actual[kind].get(name)
        if actual is None:
            yield Difference(expected["kind"], name, "is missing", created(compared, name))
        elif expected["kind"] != actual["kind"] and kind == "relation":
            problem = f"is a {actual['kind']}, not a {expected['kind']}"
            is_view = actual["kind"] in VIEWS
            yield Difference(
                actual["kind"],
                name,
                problem if is_view else f"{problem}: rename or drop it by hand",
                remade(compared, name) if is_view else (),
            )
        elif not is_same(expected, actual):
            yield Difference(
                expected["kind"],
                name,
                _problem(kind, expected, actual),
                _mended(compared, name, expected, actual),
            )
        elif kind == "relation" and expected["columns"] != actual["columns"]:
            yield Difference(
                expected["kind"],
                name,
                "its columns are not the revision's",
                remade(compared, name),
            )


def _mended(compared: Compared, name: str, expected: Facts, actual: Facts) -> tuple[str, ...]:
    same = ("columns",) if "columns" in expected else ("kind", "result", "arguments")
    is_replaceable = expected["kind"] != "materialized view" and all(
        expected[each] == actual[each] for each in same
    )
    if is_replaceable:
        return (creating(expected),)
    return remade(compared, name)


def _problem(kind: str, expected: Facts, actual: Facts) -> str:
    if kind == "relation":
        return "its definition is not the revision's"
    problems = [
        f"{each} is {_word(each, actual)}, not {_word(each, expected)}"
        for each in ASPECTS
        if expected[each] != actual[each]
    ]
    if expected["body"] != actual["body"]:
        problems.insert(0, "the body is not the revision's")
    wanted, found = _settings(expected), _settings(actual)
    if wanted != found:
        problems.append(f"settings are {found or 'none'}, not {wanted or 'none'}")
    return "; ".join(problems) or "its definition is not the revision's"


def _word(aspect: str, facts: Facts) -> str:
    return str(LETTERS.get(aspect, {}).get(facts[aspect], facts[aspect]))


def _settings(facts: Facts) -> str:
    head = str(facts["definition"] or "").partition("\nAS ")[0]
    return ", ".join(line[5:] for line in head.splitlines() if line.startswith(" SET "))
