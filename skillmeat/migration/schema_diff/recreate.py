"""Drop views and functions with what needs them, and make them anew in the order of their needs."""

from collections.abc import Iterable, Iterator
from graphlib import TopologicalSorter

from skillmeat.migration.schema_diff.constraints import indexed
from skillmeat.migration.schema_diff.difference import Compared, Difference, commented
from skillmeat.migration.schema_diff.introspection import Catalogue, Facts
from skillmeat.migration.schema_diff.privileges import given
from skillmeat.migration.schema_diff.tables import VIEWS
from skillmeat.migration.schema_diff.triggers import dropping, made


def retyped(compared: Compared) -> Iterator[Difference]:
    """Columns of another type: changed without the triggers and views that hold them."""
    for name, expected, actual in compared.both("column"):
        typed = [(facts["type"], facts["collation"]) for facts in (expected, actual)]
        if expected["is of a table"] and actual["is of a table"] and typed[0] != typed[1]:
            problem = f"its type is {_typed(actual)}, not {_typed(expected)}"
            yield Difference("column", name, problem, _retyping(compared, expected))


def _typed(facts: Facts) -> str:
    return f"{facts['type']} collate {facts['collation']}" if facts["collation"] else facts["type"]


def _retyping(compared: Compared, column: Facts) -> tuple[str, ...]:
    table = column["relation"]
    held = [each for each in compared.expected["trigger"].values() if each["relation"] == table]
    alter = (
        f"alter table {column['of']} alter column {column['column']} "
        f"type {_typed(column)} using {column['column']}::{column['type']}"
    )
    return (
        *map(dropping, held),
        *remade(compared, table, between=(alter,)),
        *(each for facts in held for each in made(facts)),
    )


def remade(compared: Compared, name: str, *, between: tuple[str, ...] = ()) -> tuple[str, ...]:
    """What makes an object anew, and what needs it; `between` runs while they are gone."""
    doomed = {name, *_needing(compared.actual, name)}
    known = {*compared.expected["relation"], *compared.expected["function"]}
    drops = [each for each in reversed(in_order(compared.actual)) if each in doomed & known]
    makes = [each for each in in_order(compared.expected) if each in doomed]
    return (
        *(_dropping(compared, each) for each in drops),
        *between,
        *(each for new in makes for each in created(compared, new)),
    )


def in_order(found: Catalogue) -> list[str]:
    """Views and functions, each after those that it needs; views first."""
    views = [name for name, facts in found["relation"].items() if facts["kind"] in VIEWS]
    known = {*views, *found["function"]}
    sorter = TopologicalSorter(
        {name: known.intersection(found.needs.get(name, ())) for name in known}
    )
    sorter.prepare()
    order: list[str] = []
    ready: list[str] = []
    while sorter.is_active():
        ready += sorter.get_ready()
        ready.sort(key=lambda name: (name in found["function"], name))
        order.append(ready.pop(0))
        sorter.done(order[-1])
    return order


def _needing(found: Catalogue, name: str) -> Iterable[str]:
    for each, needed in found.needs.items():
        if name in needed:
            yield each
            yield from _needing(found, each)


def _dropping(compared: Compared, name: str) -> str:
    kind = "function" if name in compared.actual["function"] else "relation"
    actual = compared.actual[kind][name]
    return f"drop {actual['kind']} if exists {actual['identity']}"


def created(compared: Compared, name: str) -> tuple[str, ...]:
    """What makes a missing view or function, with all that belongs to it."""
    kind, facts = definition_of(compared, name)
    what = f"{facts['kind']} {facts['identity']}"
    return (
        creating(facts),
        *compared.owned(what),
        *(
            each
            for index in compared.expected["index"].values()
            if index["relation"] == name
            for each in indexed(index)
        ),
        *commented(what, facts["comment"]),
        *given(kind, facts, owner=compared.owner),
        *(
            each
            for column in compared.expected["column"].values()
            if column["relation"] == name
            for each in (
                *commented(f"column {column['of']}.{column['column']}", column["comment"]),
                *given("column", column, owner=compared.owner),
            )
        ),
    )


def creating(facts: Facts) -> str:
    """The statement that creates a view or function, or replaces it."""
    if "columns" not in facts:
        return str(facts["definition"])
    options = ", ".join(f"{name} = {value}" for name, value in facts["options"].items())
    beginning = "create" if facts["kind"] == "materialized view" else "create or replace"
    return (
        f"{beginning} {facts['kind']} {facts['identity']}"
        + (f" with ({options})" if options else "")
        + f" as\n{facts['definition'].rstrip(';')}"
    )


def definition_of(compared: Compared, name: str) -> tuple[str, Facts]:
    """The kind of a view or function, and what it should be."""
    kind = "function" if name in compared.expected["function"] else "relation"
    return kind, compared.expected[kind][name]
