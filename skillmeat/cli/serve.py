"""`skillmeat serve`: serve the catalogue over HTTP."""

import os
import re
from typing import TYPE_CHECKING, Annotated, Final

import typer

from skillmeat import settings
from skillmeat.catalogue import get_token_scopes
from skillmeat.cli.connections import create_catalogue
from skillmeat.cli.filters import check_filters
from skillmeat.cli.services import refuse_service
from skillmeat.database.connection import connect
from skillmeat.database.standbys import list_standbys
from skillmeat.errors import CannotConnect, NotAllowed, SkillMeatError

if TYPE_CHECKING:
    from skillmeat.api import ServerConfig

TOKEN: Final = "SKILLMEAT_API_TOKEN"  # noqa: S105 - the name of the variable
METRICS_TOKEN: Final = "SKILLMEAT_METRICS_TOKEN"  # noqa: S105
SENDABLE: Final = re.compile(r"[!-~]+")
# As a browser sends it: others would never be equal to that of a request.
ORIGIN: Final = re.compile(r"https?://([a-z0-9._-]+|\[[0-9a-f:.]+\])(:[0-9]+)?")
DEFAULT_PORT: Final = re.compile(r"http://.*:80|https://.*:443")
CONNECTIONS: Final = 10
CONNECTIONS_FOR_ALL: Final = 20
FEWEST_CONNECTIONS_FOR_ALL: Final = 8
INSTALL: Final = (
    "the HTTP server is an optional extra: install it with [api], as in pip install '.[api]'"
)


def serve(  # noqa: PLR0913 - an option each
    *,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The port to listen on; 0 for any free port.")
    ] = 8080,
    cors_origin: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ORIGIN",
            envvar="SKILLMEAT_CORS_ORIGINS",
            help="Accept pages of this origin, such as http://localhost:3000; repeatable.",
        ),
    ] = None,
    connections: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=1000,
            help="The most connections to the database; by default 10, or 20 with --all-services, "
            "where it bounds all connections of this process together.",
        ),
    ] = None,
    read_url: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            envvar="SKILLMEAT_READ_URL",
            help="Read from the standbys at this libpq URL, which may name several hosts.",
        ),
    ] = None,
    max_lag: Annotated[
        float,
        typer.Option(
            metavar="SECONDS",
            min=0,
            max=900,
            envvar="SKILLMEAT_MAX_LAG",
            help="Read from no standby that is further behind.",
        ),
    ] = 10,
    prepare: Annotated[
        bool | None,
        typer.Option(
            "--prepare/--no-prepare",
            help="Prepare statements. By default SKILLMEAT_PREPARE, else unless a pooler is found.",
        ),
    ] = None,
    refresh: Annotated[
        bool, typer.Option("--refresh/--no-refresh", help="Also keep the snapshot fresh.")
    ] = True,
    type: Annotated[  # noqa: A002 - the name of the option
        list[str] | None,
        typer.Option(
            metavar="TYPE",
            help="List only artifacts of this type if a request names no type; repeatable.",
        ),
    ] = None,
    import_sources: Annotated[
        bool | None,
        typer.Option(
            "--import-sources/--no-import-sources",
            help="Import recorded folders again on request; only on this machine by default.",
        ),
    ] = None,
    all_services: Annotated[
        bool,
        typer.Option(
            "--all-services",
            callback=refuse_service,
            help="Serve each service of libpq's service file; a request's token says which.",
        ),
    ] = False,
) -> None:
    """Serve the catalogue over HTTP to SkillMeat's clients and to browsers.

    A request needs a token: one of `skillmeat token create`, or SKILLMEAT_API_TOKEN. Without any
    token, the server accepts only clients on this machine.
    """
    if read_url is not None and not read_url.strip():
        message = "it is empty: write postgresql://user@standby/database"
        raise typer.BadParameter(message, param_hint="--read-url")
    token, metrics_token = _read_tokens()
    if all_services:
        _refuse_what_names_one_catalogue(
            {
                TOKEN: (token, "it would not say which catalogue"),
                "--read-url": (read_url, "it names the standbys of one server"),
                "--type": (type, "the types are a catalogue's own: let requests name them"),
                "--import-sources": (import_sources, "the folders are those of one catalogue"),
            }
        )
        _check_connections(connections)
    try:
        from skillmeat.api import ServerConfig, create_app  # noqa: PLC0415 - an extra
        from skillmeat.api.server import serve as serve_app  # noqa: PLC0415
    except ImportError as error:
        message = f"{INSTALL} ({error.name} is missing)"
        raise SkillMeatError(message) from None

    options = ServerConfig(
        host=host,
        port=port,
        token=token,
        cors_origins=tuple(_validate_origins(cors_origin or [])),
        connections=connections or (CONNECTIONS_FOR_ALL if all_services else CONNECTIONS),
        refresh=refresh,
        import_sources=import_sources,
        types=tuple(type or ()),
        read_url=read_url,
        max_lag=max_lag,
        all_services=all_services,
        metrics_token=metrics_token,
    )
    if prepare is not None:
        # Every connection reads it from there.
        os.environ["SKILLMEAT_PREPARE"] = "yes" if prepare else "no"
    # Refuse what cannot be read before anything is created or said.
    list_standbys(options.read_url)
    settings.get_prepare()
    # Every catalogue of the service file needs tokens of its own, now or later.
    has_token = all_services or _prepare_catalogue(options)
    if not has_token:
        if not options.is_local:
            message = (
                f"other machines can reach {host}, and there is no token: run `skillmeat "
                f"token create NAME --scope write` first, or set {TOKEN}"
            )
            raise SkillMeatError(message)
        typer.echo(
            "no token: every client on this machine may read and write, and no other may connect",
            err=True,
        )
    serve_app(create_app(options), options)


def _read_tokens() -> tuple[str | None, str | None]:
    token, metrics_token = (os.environ.get(name) or None for name in (TOKEN, METRICS_TOKEN))
    for name, value in ((TOKEN, token), (METRICS_TOKEN, metrics_token)):
        if value is not None and not SENDABLE.fullmatch(value):
            message = f"no client can send {name}: use visible ASCII characters, and no space"
            raise SkillMeatError(message)
    if token is not None and token == metrics_token:
        message = f"{METRICS_TOKEN} is {TOKEN}, and would let its holder write: choose another"
        raise SkillMeatError(message)
    return token, metrics_token


def _refuse_what_names_one_catalogue(given: dict[str, tuple[object, str]]) -> None:
    for name, (value, reason) in given.items():
        if value:
            message = f"{name} cannot be used with --all-services: {reason}; leave it out"
            raise SkillMeatError(message)


def _check_connections(connections: int | None) -> None:
    if connections is not None and connections < FEWEST_CONNECTIONS_FOR_ALL:
        message = (
            f"--all-services needs {FEWEST_CONNECTIONS_FOR_ALL}: 6 for polls and refreshes, and "
            "the others for requests"
        )
        raise typer.BadParameter(message, param_hint="--connections")


def _validate_origins(given: list[str]) -> list[str]:
    for origin in given:
        if not ORIGIN.fullmatch(origin) or DEFAULT_PORT.fullmatch(origin):
            message = (
                f"{origin!r} is no origin: write it as a browser does, such as https://example.org"
            )
            raise typer.BadParameter(message, param_hint="--cors-origin")
    return given


def _prepare_catalogue(options: "ServerConfig") -> bool:
    """Create the catalogue if there is none, and return whether requests need a token.

    Raises `UnknownArtifactType`.
    """
    token = options.token
    try:
        create_catalogue()
        with connect(autocommit=True) as conn:
            for type_ in options.types:
                check_filters(conn, artifact_type=type_)
            return bool(token or get_token_scopes(conn))
    except NotAllowed as error:
        if token:
            return True
        message = f"this role may not read api_tokens: set {TOKEN} ({error})"
        raise SkillMeatError(message) from error
    except CannotConnect as error:
        if not (options.is_local or token):
            raise
        typer.echo(f"no database answers, so requests get 503 until one does: {error}", err=True)
        return bool(token)
