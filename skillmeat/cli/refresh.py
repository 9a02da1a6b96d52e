"""`skillmeat refresh`."""

import json
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import typer

from skillmeat.cli.output import AsJson, join_lines
from skillmeat.maintenance.refresh import Policy, Refresher, RefreshEvent, refresh_once

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
    print_event = _print_as_json if as_json else _print_message
    if watch:
        _watch(policy, print_event)
    else:
        print_event(refresh_once())


def _watch(policy: Policy, print_event: Callable[[RefreshEvent], None]) -> None:
    refresher = Refresher(policy=policy, on_event=print_event)
    # Ctrl-C is a KeyboardInterrupt, as in every command.
    signal.signal(signal.SIGTERM, lambda *_: refresher.stop())
    refresher.run()


def _print_message(event: RefreshEvent) -> None:
    typer.echo(join_lines(event.message))
    sys.stdout.flush()


def _print_as_json(event: RefreshEvent) -> None:
    typer.echo(json.dumps({"time": datetime.now(UTC).isoformat(), **event.to_dict()}))
    sys.stdout.flush()
