"""Tables, their columns and storage, domains and sequences."""

from collections.abc import Iterator

from psycopg.sql import Literal

from skillmeat.migration.schema_diff.difference import Compared, Difference
from skillmeat.migration.schema_diff.introspection import Facts

LOST = "is missing, and no statement brings its rows back: restore it from a backup"
VIEWS = ("view", "materialized view")


def tables(compared: Compared) -> Iterator[Difference]:
    """Tables that are missing, or behave in another way."""
    for name, expected in compared.missing("relation"):
        if expected["kind"] not in VIEWS:
            yield Difference("table", name, LOST, ())
    for name, expected, actual in compared.both("relation"):
        if expected["kind"] not in VIEWS and expected["kind"] != actual["kind"]:
            yield Difference("table", name, f"is a {actual['kind']}: {LOST}", ())
            continue
        altering = f"alter {actual['kind']} {expected['identity']}"
        for problem, mend in _behaviour(expected, actual):
            yield Difference(
                actual["kind"], name, problem, tuple(f"{altering} {each}" for each in mend)
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


def _behaviour(expected: Facts, actual: Facts) -> Iterator[tuple[str, tuple[str, ...]]]:
    if actual["row security"] and not expected["row security"]:
        yield "hides rows: row level security is on", ("disable row level security",)
    if actual["row security of its owner"] and not expected["row security of its owner"]:
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


def columns(compared: Compared) -> Iterator[Difference]:
    """Columns that are missing, extra, or take other values."""
    for name, expected in compared.missing("column"):
        if expected["is of a table"]:
            yield Difference("column", name, LOST.replace("rows", "values"), ())
    for name, actual in compared.unexpected("column"):
        if compared.expected["relation"][actual["relation"]]["kind"] == "table":
            yield Difference(
                "column",
                name,
                "is not the revision's: drop it by hand if nobody needs its values",
                (),
            )
    for name, expected, actual in compared.both("column"):
        for aspect, mend in _changes(expected, actual):
            problem = f"its {aspect} is {_shown(actual[aspect])}, not {_shown(expected[aspect])}"
            yield Difference("column", name, problem, mend)


def _changes(expected: Facts, actual: Facts) -> Iterator[tuple[str, tuple[str, ...]]]:
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
        yield "identity", _identity(expected, actual, column)


def _identity(expected: Facts, actual: Facts, column: str) -> tuple[str, ...]:
    if expected["identity"] is None:
        return (f"{column} drop identity",)
    if actual["identity"] is not None:
        return (f"{column} set generated {expected['identity']}",)
    of, name = expected["of"], expected["column"]
    sequence = f"pg_get_serial_sequence({Literal(of).as_string()}, {Literal(name).as_string()})"
    # It goes on after the greatest number that is in use.
    after = f"select setval({sequence}, coalesce(max({name}), 0) + 1, false) from {of}"  # noqa: S608
    return f"{column} add generated {expected['identity']} as identity", after


def _shown(value: object) -> str:
    match value:
        case None:
            return "none"
        case bool():
            return "on" if value else "off"
        case _:
            return str(value)


def domains(compared: Compared) -> Iterator[Difference]:
    """Domains of another type, default or nullability; their checks are constraints."""
    for name, _ in compared.missing("domain"):
        yield Difference("domain", name, LOST, ())
    for name, expected, actual in compared.both("domain"):
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


def sequences(compared: Compared) -> Iterator[Difference]:
    """Sequences that are missing, or count in another way."""
    for name, expected in compared.missing("sequence"):
        if not expected["is of a column"]:
            yield Difference("sequence", name, LOST.replace("rows", "last value"), ())
    for name, expected, actual in compared.both("sequence"):
        if expected["settings"] != actual["settings"]:
            yield Difference(
                "sequence",
                name,
                f"its settings are {actual['settings']}",
                (f"alter sequence {expected['identity']} {expected['settings']}",),
            )
