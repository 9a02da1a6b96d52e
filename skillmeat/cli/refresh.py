"""`skillmeat refresh`."""

import json
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import typer

from skillmeat.cli.output import AsJson
from skillmeat.cli.text import one_line
from skillmeat.errors import translate_errors
from skillmeat.maintenance.refresh import Policy, Refresher, Report, connector, status
from skillmeat.maintenance.refresh import refresh as refresh_snapshot
from skillmeat.maintenance.refresh.events import Busy, Refreshed, Unchanged
from skillmeat.maintenance.refresh.policy import decide
from skillmeat.maintenance.refresh.vacuum import LOGS, SNAPSHOT, vacuum

DEFAULTS: Final = Policy()


def refresh(  # noqa: PLR0913 - an option each
    *,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on, refreshing whenever it is worth its cost.")
    ] = False,
    share: Annotated[
        float | None,
        typer.Option(
            metavar="FRACTION",
            help=f"Of one core, for all who watch together; {DEFAULTS.share:g} unless given.",
        ),
    ] = None,
    after_changes: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help=f"So many changes are worth it at once; {DEFAULTS.after_changes} unless given.",
        ),
    ] = None,
    max_age: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS",
            help=f"A change of this age is worth it; {DEFAULTS.max_age:g} unless given.",
        ),
    ] = None,
    every: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS",
            help=f"How often to look; {DEFAULTS.every:g} unless given.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Refresh the snapshot that pages are read from: they are exact without it, but cost more."""
    given: dict[str, Any] = {
        "share": share,
        "after_changes": after_changes,
        "max_age": max_age,
        "every": every,
    }
    chosen = {name: value for name, value in given.items() if value is not None}
    if chosen and not watch:
        message = "it goes with --watch"
        raise typer.BadParameter(message, param_hint="--" + next(iter(chosen)).replace("_", "-"))
    try:
        policy = Policy(**chosen)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    tell = _tell_as_json if as_json else _tell
    if watch:
        _watch(policy, tell)
    else:
        tell(_refresh_once())


def _refresh_once() -> Report:
    with connector()() as conn, translate_errors():
        found = status(conn)
        started = time.perf_counter()
        with conn.transaction():
            changes = refresh_snapshot(conn)
        seconds = time.perf_counter() - started
        if changes:
            vacuum(conn, LOGS)
            vacuum(conn, SNAPSHOT)
    if changes is None:
        return Busy()
    because = decide(found, DEFAULTS)
    if changes or because.mends:
        reason = because if because.mends else None
        return Refreshed(changes, seconds, reason, found.oldest_seconds)
    return Unchanged()


def _watch(policy: Policy, tell: Callable[[Report], None]) -> None:
    refresher = Refresher(policy=policy, report=tell)
    # Ctrl-C is a KeyboardInterrupt, as in every command.
    signal.signal(signal.SIGTERM, lambda *_: refresher.stop())
    refresher.run()


def _tell(report: Report) -> None:
    typer.echo(one_line(report.line))
    sys.stdout.flush()


def _tell_as_json(report: Report) -> None:
    typer.echo(json.dumps({"time": datetime.now(UTC).isoformat(), **report.fields()}))
    sys.stdout.flush()
