"""The command line of the benchmarks: `python -m benchmarks [--full] [--artifacts N] …`."""

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markdown import Markdown

from benchmarks import report
from benchmarks.dataset import Shape
from benchmarks.report import goals, tables
from benchmarks.report.document import WHY_ANOTHER_MACHINE_DIFFERS
from benchmarks.rounds import FULL, QUICK
from benchmarks.suite import run_suite
from skillmeat.errors import SkillMeatError


def main(  # noqa: PLR0913 - each is an option
    *,
    full: Annotated[
        bool, typer.Option("--full", help="More sizes, clients and rounds: half an hour at most.")
    ] = False,
    artifacts: Annotated[
        int,
        typer.Option(
            min=1_000, max=1_000_000, help="Artifacts in the catalogue that the contenders read."
        ),
    ] = Shape.artifacts,
    collections: Annotated[
        int,
        typer.Option(
            min=100, max=100_000, help="Collections in that catalogue, `default` included."
        ),
    ] = Shape.collections,
    skew: Annotated[
        float,
        typer.Option(min=0, max=3, help="The k-th collection is 1/k**SKEW as likely as the first."),
    ] = Shape.skew,
    instructions: Annotated[
        bool,
        typer.Option(
            "--instructions",
            help="Count the instructions of pages and single writes, by valgrind: minutes more.",
        ),
    ] = False,
    stored: Annotated[
        Path | None,
        typer.Option(
            "--results",
            dir_okay=False,
            exists=True,
            help="Measure nothing: read the results of an earlier run, a results.json.",
        ),
    ] = None,
    write: Annotated[
        Path | None,
        typer.Option(file_okay=False, help="Write benchmarks.md and its plots to this folder."),
    ] = None,
) -> None:
    """Measure the cost of each way to read a page and to keep a count, as ratios in one run."""
    shape = Shape(artifacts=artifacts, collections=collections, skew=skew)
    try:
        if stored is not None:
            results = report.read(stored)
        else:
            scale = FULL if full else QUICK
            results = run_suite(shape, scale, with_instructions=instructions)
    except SkillMeatError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from None
    if write is not None:
        command = shlex.join(["python", "-m", "benchmarks", *sys.argv[1:]])
        page = report.write(results, write, command=command)
        typer.echo(f"wrote {page}")
    shown = f"{tables.render_goals(goals.list_goals(results))}\n{WHY_ANOTHER_MACHINE_DIFFERS}"
    Console().print(Markdown(shown))


if __name__ == "__main__":
    typer.run(main)
