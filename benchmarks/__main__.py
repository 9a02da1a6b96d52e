"""Measure every rung of the ladder: `python -m benchmarks [--full] [--write FOLDER]`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markdown import Markdown

from benchmarks import report
from benchmarks.ladder import climb
from benchmarks.report import goals, tables
from benchmarks.scale import FULL, QUICK


def main(
    *,
    full: Annotated[
        bool, typer.Option("--full", help="More sizes, clients and rounds: half an hour at most.")
    ] = False,
    write: Annotated[
        Path | None, typer.Option(help="Write benchmarks.md and its plots to this folder.")
    ] = None,
) -> None:
    """Measure what each way to read a page and to keep a count costs, as ratios in one run."""
    ladder = climb(FULL if full else QUICK)
    if write is not None:
        page = report.write(ladder, write, command="make bench-full" if full else "make bench")
        typer.echo(f"wrote {page}")
    Console().print(Markdown(tables.goals(goals.goals(ladder))))


if __name__ == "__main__":
    typer.run(main)
