"""Compare tables, their columns and storage, domains and sequences."""

from collections.abc import Iterator

from psycopg.sql import Literal

from skillmeat.migration.schema_diff.difference import Comparison, Difference
from skillmeat.migration.schema_diff.introspection import VIEWS, Facts
from skillmeat.migration.schema_diff.recreate import recreate_object
from skillmeat.migration.schema_diff.triggers import create_trigger, drop_trigger

NOT_REPAIRABLE = "is missing, and no statement brings its rows back: restore it from a backup"


def compare_tables(comparison: Comparison) -> Iterator[Difference]:
    """Yield tables that are missing or behave differently."""
    for name, expected in comparison.missing("relation"):
        if expected["kind"] not in VIEWS:
            yield Difference("table", name, NOT_REPAIRABLE, ())
    for name, expected, actual in comparison.common("relation"):
        if expected["kind"] not in VIEWS and expected["kind"] != actual["kind"]:
            yield Difference("table", name, f"is a {actual['kind']}: {NOT_REPAIRABLE}", ())
            continue
        altering = f"alter {actual['kind']} {expected['identity']}"
        for problem, statements in _compare_options(expected, actual):
            yield Difference(
                actual["kind"], name, problem, tuple(f"{altering} {each}" for each in statements)
            )
        for parent in actual["parents"]:
            if parent not in expected["parents"]:
                yield Difference(
                    actual["kind"], name, f"inherits {parent}", (f"{altering} no inherit {parent}",)
                )
        for child in actual["children"]:
            if child not in expected["children"]:
                yield Difference(
                    actual["kind"],
                    name,
                    f"shows the rows of {child} too",
                    (f"alter table {child} no inherit {expected['identity']}",),
                )


def _compare_options(expected: Facts, actual: Facts) -> Iterator[tuple[str, tuple[str, ...]]]:
    # No revision turns row level security on.
    if actual["row security"]:
        yield "hides rows: row level security is on", ("disable row level security",)
    if actual["row security of its owner"]:
        yield "may hide rows from its owner", ("no force row level security",)
    if not actual["is logged"]:
        yield "is unlogged: a crash would empty it", ("set logged",)
    wanted, found = expected["options"], actual["options"]
    for option in sorted({*wanted, *found}):
        if wanted.get(option) == found.get(option):
            continue
        if option in wanted:
            value = Literal(wanted[option]).as_string().strip()
            yield (
                f"{option} is {found.get(option, 'not set')}, not {wanted[option]}",
                (f"set ({option} = {value})",),
            )
        else:
            yield f"{option} is set, to {found[option]}", (f"reset ({option})",)


def compare_columns(comparison: Comparison) -> Iterator[Difference]:
    """Yield columns that are missing, extra, or accept other values."""
    for name, expected in comparison.missing("column"):
        if expected["is of a table"]:
            yield Difference("column", name, NOT_REPAIRABLE.replace("rows", "values"), ())
    for name, actual in comparison.unexpected("column"):
        if comparison.expected["relation"][actual["relation"]]["kind"] == "table":
            yield Difference(
                "column",
                name,
                "is not the revision's: drop it by hand if its values are not needed",
                (),
            )
    for name, expected, actual in comparison.common("column"):
        for aspect, statements in _compare_column(expected, actual):
            is_now, should_be = _format_value(actual[aspect]), _format_value(expected[aspect])
            problem = f"its {aspect} is {is_now}, not {should_be}"
            yield Difference("column", name, problem, statements)


def _compare_column(expected: Facts, actual: Facts) -> Iterator[tuple[str, tuple[str, ...]]]:
    table = "table" if expected["is of a table"] else "view"
    column = f"alter {table} {expected['of']} alter column {expected['column']}"
    if expected["not null"] != actual["not null"]:
        yield "not null", (f"{column} {'set' if expected['not null'] else 'drop'} not null",)
    if expected["default"] != actual["default"]:
        new = expected["default"]
        yield "default", (f"{column} set default {new}" if new else f"{column} drop default",)
    if expected["generated"] != actual["generated"]:
        yield "generated", ()
    if expected["identity"] != actual["identity"]:
        yield "identity", _change_identity(expected, actual, column)


def _change_identity(expected: Facts, actual: Facts, column: str) -> tuple[str, ...]:
    if expected["identity"] is None:
        return (f"{column} drop identity",)
    if actual["identity"] is not None:
        return (f"{column} set generated {expected['identity']}",)
    of, name = expected["of"], expected["column"]
    sequence = f"pg_get_serial_sequence({Literal(of).as_string()}, {Literal(name).as_string()})"
    # The sequence continues after the largest number in use.
    after = f"select setval({sequence}, coalesce(max({name}), 0) + 1, false) from {of}"  # noqa: S608
    return f"{column} add generated {expected['identity']} as identity", after


def _format_value(value: object) -> str:
    match value:
        case None:
            return "none"
        case bool():
            return "on" if value else "off"
        case _:
            return str(value)


def compare_column_types(comparison: Comparison) -> Iterator[Difference]:
    """Yield columns of another type; a fix drops and recreates their triggers and views."""
    for name, expected, actual in comparison.common("column"):
        types = [(facts["type"], facts["collation"]) for facts in (expected, actual)]
        if expected["is of a table"] and actual["is of a table"] and types[0] != types[1]:
            problem = f"its type is {_format_type(actual)}, not {_format_type(expected)}"
            yield Difference("column", name, problem, _change_type(comparison, expected))


def _format_type(facts: Facts) -> str:
    return f"{facts['type']} collate {facts['collation']}" if facts["collation"] else facts["type"]


def _change_type(comparison: Comparison, column: Facts) -> tuple[str, ...]:
    table = column["relation"]
    held = [each for each in comparison.expected["trigger"].values() if each["relation"] == table]
    alter = (
        f"alter table {column['of']} alter column {column['column']} "
        f"type {_format_type(column)} using {column['column']}::{column['type']}"
    )
    return (
        *map(drop_trigger, held),
        *recreate_object(comparison, table, between=(alter,)),
        *(each for facts in held for each in create_trigger(facts)),
    )


def compare_domains(comparison: Comparison) -> Iterator[Difference]:
    """Yield domains of another type, default or nullability; their checks are constraints."""
    for name, _ in comparison.missing("domain"):
        yield Difference("domain", name, NOT_REPAIRABLE, ())
    for name, expected, actual in comparison.common("domain"):
        altering = f"alter domain {expected['identity']}"
        for aspect in ("type", "collation"):
            if expected[aspect] != actual[aspect]:
                yield Difference(
                    "domain", name, f"its {aspect} is {actual[aspect]}, not {expected[aspect]}", ()
                )
        if expected["not null"] != actual["not null"]:
            change = "set" if expected["not null"] else "drop"
            yield Difference(
                "domain",
                name,
                "refuses null" if actual["not null"] else "takes null",
                (f"{altering} {change} not null",),
            )
        if expected["default"] != actual["default"]:
            new = expected["default"]
            yield Difference(
                "domain",
                name,
                f"its default is {actual['default']}",
                (f"{altering} " + (f"set default {new}" if new else "drop default"),),
            )


def compare_sequences(comparison: Comparison) -> Iterator[Difference]:
    """Yield sequences that are missing, have another name or column, or other settings."""
    names = {facts["column"]: name for name, facts in comparison.actual["sequence"].items()}
    for name, expected in comparison.missing("sequence"):
        if not expected["is of a column"]:
            yield Difference("sequence", name, NOT_REPAIRABLE.replace("rows", "last value"), ())
        elif found := names.get(expected["column"]):
            identity = comparison.actual["sequence"][found]["identity"]
            rename = f"alter sequence {identity} rename to {name}"
            yield Difference("sequence", name, f"is named {found}", (rename,))
    for name, expected, actual in comparison.common("sequence"):
        if expected["column"] != actual["column"]:
            problem = f"is not the one of {expected['column']}: rename or drop it by hand"
            yield Difference("sequence", name, problem, ())
        elif expected["settings"] != actual["settings"]:
            yield Difference(
                "sequence",
                name,
                f"its settings are {actual['settings']}",
                (f"alter sequence {expected['identity']} {expected['settings']}",),
            )
