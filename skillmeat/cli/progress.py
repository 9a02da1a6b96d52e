"""How long work shows that it goes on."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


@contextmanager
def progress_bar(first: str) -> Iterator[Callable[[str, int, int | None], None]]:
    """A bar on stderr, if that is a terminal; it goes when the work is done.

    Told what is being done, how much is done and of how much, None where nobody knows.
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
