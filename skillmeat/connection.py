"""Connections and pools whose search path is one catalogue's schema."""

from typing import Any

from psycopg import Connection
from psycopg.conninfo import make_conninfo
from psycopg_pool import ConnectionPool

from skillmeat import embedded, settings
from skillmeat.embedded.urls import parse_libpq_url
from skillmeat.errors import CannotConnect, translate_errors


def connect(url: str | None = None, *, schema: str | None = None, **options: Any) -> Connection:  # noqa: ANN401
    """Open a psycopg connection to the catalogue.

    `url` is any libpq URL; without one it is SKILLMEAT_DATABASE_URL or the embedded server's.
    `schema` is SKILLMEAT_SCHEMA or `skillmeat` unless given. Further options, such as
    autocommit=True, go to `psycopg.connect`. Raises `CannotConnect` and `ServerError`.
    """
    # Passed beside the conninfo, libpq's own `options` would replace the search path.
    conninfo = build_conninfo(url, schema=schema, options=options.pop("options", None))
    with translate_errors():
        return Connection.connect(conninfo, **options)


def create_pool(
    url: str | None = None,
    *,
    schema: str | None = None,
    **options: Any,  # noqa: ANN401
) -> ConnectionPool[Connection]:
    """Make a pool of connections to the catalogue; open it with `with` or `open()`.

    Further options go to `psycopg_pool.ConnectionPool`. Raises `CannotConnect` for a URL that libpq
    cannot parse, and `ServerError`.
    """
    return ConnectionPool(build_conninfo(url, schema=schema), open=False, **options)


def find_url(url: str | None = None) -> str | None:
    """Return the given URL, else SKILLMEAT_DATABASE_URL, else None for the embedded server.

    Raises `ServerError` for a SKILLMEAT_DATABASE_URL that libpq cannot read.
    """
    return url or embedded.get_configured_url()


def get_embedded_url(*, start: bool) -> str:
    """Return the URL of the catalogue on the embedded server.

    `start` starts the server if it is stopped. Without `start`, a stopped server raises
    `CannotConnect`. Raises `ServerError` if the server cannot be found or started.
    """
    if start:
        return embedded.get_catalogue_url()
    status = embedded.get_status(settings.get_data_dir())
    if status.url is None:
        message = "the embedded server is stopped"
        raise CannotConnect(message)
    return embedded.replace_database(status.url, embedded.CATALOGUE_DATABASE)


def build_conninfo(
    url: str | None = None, *, schema: str | None = None, options: str | None = None
) -> str:
    """Build the conninfo of the catalogue, with its search path.

    `options` are libpq's, and replace the URL's. Raises `CannotConnect` for a URL that libpq cannot
    parse.
    """
    search_path = settings.build_search_path_option(settings.get_schema(schema))
    parameters = parse_libpq_url(url or embedded.get_catalogue_url())
    if parameters is None:
        message = (
            "libpq cannot read the URL: write postgresql://user:password@host:port/database, with"
            " @, / and : in a password as %40, %2F and %3A"
        )
        raise CannotConnect(message)
    given = options or parameters.get("options")
    # JIT compilation of a page's plan takes longer than reading the page.
    parameters["options"] = " ".join(filter(None, ("-c jit=off", given, search_path)))
    parameters.setdefault("application_name", "skillmeat")
    return make_conninfo("", **parameters)
