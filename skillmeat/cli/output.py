"""How commands print: tables for people, JSON for programs, hints to stderr.

On a terminal a table fits its width. Anywhere else every cell is whole and every row one line.
"""

import json
import shlex
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from skillmeat.catalogue.pagination import Page
from skillmeat.cli.text import shown

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Limit = Annotated[int, typer.Option(min=1, help="How many to print at most.")]
After = Annotated[str | None, typer.Option(metavar="ID", help="Go on after this id.")]
Before = Annotated[str | None, typer.Option(metavar="ID", help="Go back to before this id.")]

# What a column that is cut keeps in any case, in cells.
ELASTIC_WIDTH = 16


def print_json(value: object) -> None:
    """Print `value`, dataclasses and times in it included, as one JSON document."""
    encoding = (sys.stdout.encoding or "").lower().replace("-", "")
    typer.echo(json.dumps(value, indent=2, ensure_ascii=encoding != "utf8", default=_plain))


def page_of(found: Page[Any]) -> dict[str, object]:
    """A page as JSON has it: `next` goes into --after, and is null on the last page."""
    return {"items": found.items, "next": found.next}


def both_ways(found: Page[Any]) -> dict[str, object]:
    """Such a page that can be left backwards, too; `total` is null where no counter knows it."""
    return {**page_of(found), "previous": found.previous, "total": found.total}


def merged(found: "DataclassInstance", **more: object) -> dict[str, object]:
    """The fields of a dataclass, and more."""
    return {**asdict(found), **more}


def print_table(
    headings: Sequence[str], rows: Iterable[Sequence[object]], *, elastic: bool = False
) -> None:
    """Print a table; on a terminal, an `elastic` last column is cut to the width that is left."""
    values = list(rows)
    cells = [list(map(shown, row)) for row in values]
    numeric = [
        bool(values) and all(isinstance(row[column], int) for row in values)
        for column in range(len(headings))
    ]
    if sys.stdout.isatty():
        _print_rich_table(headings, cells, numeric, elastic=elastic)
    else:
        _print_plain_table(headings, cells, numeric)


def print_fields(fields: Mapping[str, object]) -> None:
    """Print names and values, a line each."""
    width = max(map(len, fields))
    for name, value in fields.items():
        typer.echo(f"{name:{width}}  {shown(value)}")


def hint_at_next(found: Page[Any]) -> None:
    """Say on stderr how to go on, if there is more."""
    if found.next is not None:
        typer.echo(f"more: --after {shlex.quote(found.next)}", err=True)


def hint_at_previous(found: Page[Any]) -> None:
    """Say on stderr how to go back, if there is something before."""
    if found.previous is not None:
        typer.echo(f"back: --before {shlex.quote(found.previous)}", err=True)


def _print_rich_table(
    headings: Sequence[str], cells: list[list[str]], numeric: list[bool], *, elastic: bool
) -> None:
    table = Table(box=box.SIMPLE_HEAD, expand=elastic, pad_edge=False)
    # Rich takes `width` for the least that a column with a ratio gets.
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
        # Text, because a plain string would be read as markup: [red] is a fine name.
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


def _plain(value: Any) -> object:  # noqa: ANN401 - whatever json does not know
    return value.isoformat() if isinstance(value, datetime) else asdict(value)
