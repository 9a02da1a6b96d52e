"""Run a command for one service of libpq's service file, or for each, one after the other."""

import os
from collections.abc import Callable
from functools import wraps
from inspect import Parameter, signature
from typing import Annotated, Any

import typer

from skillmeat import settings
from skillmeat.cli.errors import EXIT_FAILED
from skillmeat.cli.output import join_lines, print_json, print_json_lines, print_notice
from skillmeat.database.connection import build_conninfo
from skillmeat.embedded.urls import SECRETS, parse_libpq_url
from skillmeat.errors import SkillMeatError, translate_errors
from skillmeat.settings.services import Service, get_service, list_services


def refuse_service(context: typer.Context, given: bool) -> bool:  # noqa: FBT001 - as Typer calls it
    """Raise `BadParameter` if --all-services would ignore --service."""
    if given and context.find_root().params["service"] is not None:
        message = "--service names only one of them: leave out one of the two options"
        raise typer.BadParameter(message)
    return given


AllServices = Annotated[
    bool,
    typer.Option(
        "--all-services",
        callback=refuse_service,
        help="Run it for each service of libpq's service file in turn.",
    ),
]
# libpq waits for ever for a host that does not answer.
CONNECT_TIMEOUT = "10"


def use_service(service: Service, *, default_schema: str) -> None:
    """Let this process connect to the service, in its schema."""
    # Every function reads them from there, and this process runs one command.
    os.environ["SKILLMEAT_DATABASE_URL"] = service.url
    # Another catalogue's standbys: a service names its own servers.
    os.environ.pop("SKILLMEAT_READ_URL", None)
    os.environ["SKILLMEAT_SCHEMA"] = settings.get_schema(service.schema or default_schema)


def parse_server_url(url: str) -> dict[str, str]:
    """Return the libpq parameters of a URL, and those of the service that it may name.

    Raises `SkillMeatError` for a URL that libpq cannot read, and for one with a password: the
    parameters are written to a service file, which other programs may print.
    """
    parameters = parse_libpq_url(url)
    if parameters is None:
        # It raises with the reason.
        build_conninfo(url)
        parameters = {}
    if secrets := sorted(SECRETS & parameters.keys()):
        message = (
            f"the URL holds a {secrets[0]}, which the service file would show: leave it out, and "
            "write a password to ~/.pgpass"
        )
        raise SkillMeatError(message)
    service = parameters.pop("service", None)
    inherited = {} if service is None else get_service(str(service)).parameters
    return {**inherited, **{name: str(value) for name, value in parameters.items()}}


def takes_all_services(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the option --all-services."""

    @wraps(command)
    def run(*arguments: object, all_services: bool = False, **options: Any) -> None:  # noqa: ANN401
        if not all_services:
            command(*arguments, **options)
            return
        run_for_each_service(
            lambda _: command(*arguments, **options), as_json=bool(options.get("as_json"))
        )

    added = Parameter("all_services", Parameter.KEYWORD_ONLY, default=False, annotation=AllServices)
    own = signature(command)
    run.__annotations__ = {**command.__annotations__, "all_services": AllServices}
    run.__signature__ = own.replace(parameters=[*own.parameters.values(), added])  # type: ignore[attr-defined]
    return run


def run_for_each_service(work: Callable[[Service], None], *, as_json: bool) -> None:
    """Call `work` for each service; a failure stops no other, and is named at the end.

    As JSON, `work` prints an object, which becomes a line that names the service. A failure is an
    object with its error.
    """
    os.environ.setdefault("PGCONNECT_TIMEOUT", CONNECT_TIMEOUT)
    default_schema = settings.get_schema()
    services = list_services()
    failed = []
    for number, service in enumerate(services, 1):
        if not as_json:
            typer.echo(f"-- service {service.name}, {number} of {len(services)}")
        with print_json_lines(service=service.name):
            try:
                with translate_errors():
                    use_service(service, default_schema=default_schema)
                    work(service)
            except typer.Exit as end:
                if end.exit_code:
                    failed.append(service.name)
            except SkillMeatError as error:
                if as_json:
                    print_json({"error": join_lines(str(error))})
                else:
                    print_notice(f"error: {error}")
                failed.append(service.name)
    if failed:
        print_notice(f"{len(failed)} of {len(services)} services failed: {', '.join(failed)}")
        raise typer.Exit(EXIT_FAILED)
