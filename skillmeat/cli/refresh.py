"""`skillmeat refresh`: refresh the snapshot once, or keep it fresh."""

import json
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any, Final

import typer

from skillmeat import settings
from skillmeat.cli.options import AsJson
from skillmeat.cli.output import join_lines, print_notice
from skillmeat.cli.services import AllServices, run_for_each_service
from skillmeat.errors import SkillMeatError
from skillmeat.maintenance.refresh import Policy, Refresher, RefreshEvent, Watching, refresh_once
from skillmeat.settings.services import list_services

PrintEvent = Callable[..., None]
DEFAULTS: Final = Policy()
MOST_CONNECTIONS: Final = 20
# Of catalogues that share connections: each check opens one, which costs more than the check.
CHECKS_PER_SECOND: Final = 10


def refresh(  # noqa: PLR0913 - an option each
    *,
    watch: Annotated[
        bool, typer.Option("--watch", help="Keep running, and refresh when it is worth its cost.")
    ] = False,
    share: Annotated[
        float | None,
        typer.Option(
            metavar="FRACTION",
            help=f"The part of one core that all watchers share; {DEFAULTS.share:g} by default.",
        ),
    ] = None,
    after_changes: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help=f"Refresh after this many changes; {DEFAULTS.after_changes} by default.",
        ),
    ] = None,
    max_age: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS",
            help=f"Refresh when a change is this old; {DEFAULTS.max_age:g} by default.",
        ),
    ] = None,
    every: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS",
            help=f"The time between two checks; {DEFAULTS.every:g} by default.",
        ),
    ] = None,
    all_services: AllServices = False,
    connections: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help="The most connections of --watch --all-services at a time; "
            f"{MOST_CONNECTIONS} by default.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Refresh the snapshot that pages are read from; an old one makes them slower, never wrong."""
    given: dict[str, Any] = {
        "share": share,
        "after_changes": after_changes,
        "max_age": max_age,
        "every": every,
    }
    chosen = {name: value for name, value in given.items() if value is not None}
    if chosen and not watch:
        message = "it needs --watch"
        raise typer.BadParameter(message, param_hint="--" + next(iter(chosen)).replace("_", "-"))
    if connections is not None and not (watch and all_services):
        message = "it needs --watch and --all-services"
        raise typer.BadParameter(message, param_hint="--connections")
    try:
        policy = Policy(**chosen)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    print_event: PrintEvent = _print_as_json if as_json else _print_message
    if watch and all_services:
        _watch_all_services(policy, print_event, connections or MOST_CONNECTIONS)
    elif watch:
        _watch(policy, print_event)
    elif all_services:
        run_for_each_service(
            lambda each: print_event(refresh_once(), service=each.name if as_json else None),
            as_json=as_json,
        )
    else:
        print_event(refresh_once())


def _watch(policy: Policy, print_event: Callable[[RefreshEvent], None]) -> None:
    print_event(Watching(**asdict(policy)))
    refresher = Refresher(policy=policy, on_event=print_event)
    # Ctrl-C raises KeyboardInterrupt, as in every command.
    signal.signal(signal.SIGTERM, lambda *_: refresher.stop())
    refresher.run()


def _watch_all_services(policy: Policy, print_event: PrintEvent, connections: int) -> None:
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    default_schema = settings.get_schema()
    services = list_services()
    shared = None
    if len(services) > connections:
        shared = threading.Semaphore(connections)
        policy = replace(policy, every=max(policy.every, len(services) / CHECKS_PER_SECOND))
    with ExitStack() as watchers:
        started = []
        for each in services:
            print_named = partial(print_event, service=each.name)
            try:
                watcher = Refresher(
                    each.url,
                    schema=each.schema or default_schema,
                    policy=policy,
                    on_event=print_named,
                    connections=shared,
                )
            except SkillMeatError as error:
                # As its lines are, it can never work.
                print_notice(f"{each.name}: error: {error}")
                continue
            print_named(Watching(**asdict(policy)))
            started.append(watchers.enter_context(watcher))
        if not started:
            message = "no service can be watched: correct the service file"
            raise SkillMeatError(message)
        try:
            stopping.wait()
        finally:
            # Each takes up to a second to end: all at once, not one after the other.
            for watcher in started:
                watcher.stop()


def _print_message(event: RefreshEvent, *, service: str | None = None) -> None:
    # One write a line: each watcher prints in a thread of its own.
    beginning = "" if service is None else f"{service}: "
    typer.echo(join_lines(beginning + event.message) + "\n", nl=False)
    sys.stdout.flush()


def _print_as_json(event: RefreshEvent, *, service: str | None = None) -> None:
    named = {} if service is None else {"service": service}
    line = {"time": datetime.now(UTC).isoformat(), **named, **event.to_dict()}
    typer.echo(json.dumps(line) + "\n", nl=False)
    sys.stdout.flush()
