"""Print tables for people and JSON for programs; print hints and progress to stderr.

On a terminal, a table is as wide as the terminal. Elsewhere, cells are whole and each row is one
line. Control characters in the catalogue's text are escaped, and cannot move the cursor.
"""

import json
import shlex
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, is_dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import typer
from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from skillmeat.catalogue import Page

# The minimum width, in cells, of a column that is cut.
ELASTIC_WIDTH = 16

_FIRST_FIELDS: ContextVar[Mapping[str, object] | None] = ContextVar("first_fields", default=None)


def print_json(value: object) -> None:
    """Print `value` as one JSON document; it may contain dataclasses and times."""
    encoding = (sys.stdout.encoding or "").lower().replace("-", "")
    first = _FIRST_FIELDS.get()
    if first is not None and isinstance(value, Mapping):
        value = {**first, **value}
    indent = 2 if first is None else None
    typer.echo(json.dumps(value, indent=indent, ensure_ascii=encoding != "utf8", default=_to_json))


@contextmanager
def print_json_lines(**first: object) -> Iterator[None]:
    """Print each JSON object on a line, with these fields first, until the block ends."""
    token = _FIRST_FIELDS.set(first)
    try:
        yield
    finally:
        _FIRST_FIELDS.reset(token)


def forward_page_as_json(page: "Page[Any]") -> dict[str, object]:
    """Return a page for JSON; `next` is the value for --after, and null on the last page."""
    return {"items": page.items, "next": page.next}


def page_as_json(page: "Page[Any]") -> dict[str, object]:
    """Return a page for JSON, with `previous`, and with `total`, null if no counter holds it."""
    return {**forward_page_as_json(page), "previous": page.previous, "total": page.total}


def with_fields(value: "DataclassInstance", **more: object) -> dict[str, object]:
    """Return the fields of a dataclass as a dictionary, and more fields."""
    return {**asdict(value), **more}


def print_result(message: str, document: object, *, as_json: bool) -> None:
    """Print the result of a command: `document` as JSON, or else `message`."""
    if as_json:
        print_json(document)
    else:
        typer.echo(message)


def print_notice(line: str) -> None:
    """Print on stderr what a user should know, as one line."""
    typer.echo(join_lines(line), err=True)


def print_table(
    headings: Sequence[str], rows: Iterable[Sequence[object]], *, elastic: bool = False
) -> None:
    """Print a table; on a terminal, an `elastic` last column is cut to the width that is left."""
    values = list(rows)
    cells = [list(map(format_value, row)) for row in values]
    numeric = [
        bool(values) and all(isinstance(row[column], int) for row in values)
        for column in range(len(headings))
    ]
    if sys.stdout.isatty():
        _print_rich_table(headings, cells, numeric, elastic=elastic)
    else:
        _print_plain_table(headings, cells, numeric)


def print_fields(fields: Mapping[str, object]) -> None:
    """Print each name with its value on a line."""
    width = max(map(len, fields))
    for name, value in fields.items():
        typer.echo(f"{name:{width}}  {format_value(value)}")


def print_next_cursor(page: "Page[Any]") -> None:
    """Print on stderr how to read the next page, if there is one."""
    if page.next is not None:
        typer.echo(f"more: --after {shlex.quote(page.next)}", err=True)


def print_previous_cursor(page: "Page[Any]") -> None:
    """Print on stderr how to read the previous page, if there is one."""
    if page.previous is not None:
        typer.echo(f"back: --before {shlex.quote(page.previous)}", err=True)


@contextmanager
def show_progress(first: str) -> Iterator[Callable[[str, int, int | None], None]]:
    """Show a progress bar until the block ends, if stderr is a terminal.

    Yield a function that takes the name of the work, the number done, and the total or None.
    """
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(
        *columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()
    ) as progress:
        task = progress.add_task(first, total=None)
        yield lambda what, done, total: progress.update(
            task, description=what, completed=done, total=total
        )


def format_value(value: object) -> str:
    """Format any value of the catalogue on one line; leave names and ids unchanged."""
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case datetime():
            return value.isoformat(sep=" ", timespec="seconds")
        case tuple() | list():
            return ", ".join(map(format_value, value)) or "-"
        case Mapping():
            return json.dumps(value, ensure_ascii=False, default=str)
        case _:
            return escape_controls(str(value))


def format_count(count: int, noun: str) -> str:
    """Return a number and its noun, in the plural unless the number is 1."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def join_lines(text: str) -> str:
    """Join the lines of a text into one line, without their indentation."""
    return escape_controls(" ".join(line.strip() for line in text.splitlines()))


def escape_controls(text: str) -> str:
    """Escape the control characters of a text, which could move the cursor."""
    if text.isprintable():
        return text
    return "".join(map(_escape, text))


def escape_lines(text: str) -> list[str]:
    """Split a text into lines, and escape their control characters except tabs."""
    return ["\t".join(map(escape_controls, line.split("\t"))) for line in split_lines(text)]


def split_lines(text: str) -> list[str]:
    """Split a text at line feeds, with or without a carriage return, and at nothing else."""
    lines = text.replace("\r\n", "\n").split("\n")
    return lines if lines[-1] else lines[:-1]


def _escape(character: str) -> str:
    # Zl and Zp break lines in some terminals; Cs cannot be encoded.
    if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp"):
        return character.encode("unicode_escape").decode()
    return character


def _print_rich_table(
    headings: Sequence[str], cells: list[list[str]], numeric: list[bool], *, elastic: bool
) -> None:
    table = Table(box=box.SIMPLE_HEAD, expand=elastic, pad_edge=False)
    # Rich uses `width` as the minimum width of a column that has a ratio.
    last = len(headings) - 1
    for column, (heading, is_number) in enumerate(zip(headings, numeric, strict=True)):
        cut = elastic and column == last
        table.add_column(
            heading,
            justify="right" if is_number else "left",
            no_wrap=cut or is_number,
            overflow="ellipsis" if cut else "fold",
            ratio=1 if cut else None,
            width=ELASTIC_WIDTH if cut else None,
        )
    for row in cells:
        # Rich would read a plain string as markup, and [red] is a valid name.
        table.add_row(*map(Text, row))
    Console().print(table)


def _print_plain_table(
    headings: Sequence[str], cells: list[list[str]], numeric: list[bool]
) -> None:
    lines = [list(headings), *cells]
    widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        padded = (
            " " * (width - cell_len(cell)) + cell
            if is_number
            else cell + " " * (width - cell_len(cell))
            for cell, width, is_number in zip(line, widths, numeric, strict=True)
        )
        typer.echo("  ".join(padded).rstrip(" "))


def _to_json(value: Any) -> object:  # noqa: ANN401 - any type that json does not encode
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return value.isoformat() if isinstance(value, datetime) else str(value)
