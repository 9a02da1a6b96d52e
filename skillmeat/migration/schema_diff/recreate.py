"""Drop views and functions with their dependents, and recreate them in order of dependency."""

from collections.abc import Iterable
from graphlib import TopologicalSorter

from skillmeat.migration.schema_diff.constraints import create_index
from skillmeat.migration.schema_diff.difference import Comparison, comment_new_object
from skillmeat.migration.schema_diff.introspection import VIEWS, Facts, SchemaObjects
from skillmeat.migration.schema_diff.privileges import grant_all


def recreate_object(
    comparison: Comparison, name: str, *, between: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """Return statements that recreate an object and its dependents.

    `between` runs while they are dropped.
    """
    dropped = {name, *_list_dependents(comparison.actual, name)}
    known = {*comparison.expected["relation"], *comparison.expected["function"]}
    drops = [
        each for each in reversed(sort_by_dependency(comparison.actual)) if each in dropped & known
    ]
    makes = [each for each in sort_by_dependency(comparison.expected) if each in dropped]
    return (
        *(_drop_object(comparison, each) for each in drops),
        *between,
        *(each for new in makes for each in create_object(comparison, new)),
    )


def sort_by_dependency(found: SchemaObjects) -> list[str]:
    """List views and functions, each after those that it needs; views first."""
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


def _list_dependents(found: SchemaObjects, name: str) -> Iterable[str]:
    for each, needed in found.needs.items():
        if name in needed:
            yield each
            yield from _list_dependents(found, each)


def _drop_object(comparison: Comparison, name: str) -> str:
    kind = "function" if name in comparison.actual["function"] else "relation"
    actual = comparison.actual[kind][name]
    return f"drop {actual['kind']} if exists {actual['identity']}"


def create_object(comparison: Comparison, name: str) -> tuple[str, ...]:
    """Return statements that create a view or function, with all that belongs to it."""
    kind, facts = find_definition(comparison, name)
    what = f"{facts['kind']} {facts['identity']}"
    return (
        replace_object(facts),
        *comparison.set_owner(what),
        *(
            each
            for index in comparison.expected["index"].values()
            if index["relation"] == name
            for each in create_index(index)
        ),
        *comment_new_object(what, facts["comment"]),
        *grant_all(kind, facts, owner=comparison.owner),
        *(
            each
            for column in comparison.expected["column"].values()
            if column["relation"] == name
            for each in (
                *comment_new_object(f"column {column['of']}.{column['column']}", column["comment"]),
                *grant_all("column", column, owner=comparison.owner),
            )
        ),
    )


def replace_object(facts: Facts) -> str:
    """Return the statement that creates a view or function, or replaces it."""
    if "columns" not in facts:
        return str(facts["definition"])
    options = ", ".join(f"{name} = {value}" for name, value in facts["options"].items())
    beginning = "create" if facts["kind"] == "materialized view" else "create or replace"
    return (
        f"{beginning} {facts['kind']} {facts['identity']}"
        + (f" with ({options})" if options else "")
        + f" as\n{facts['definition'].rstrip(';')}"
    )


def find_definition(comparison: Comparison, name: str) -> tuple[str, Facts]:
    """Return the kind of a view or function, and the expected facts."""
    kind = "function" if name in comparison.expected["function"] else "relation"
    return kind, comparison.expected[kind][name]
