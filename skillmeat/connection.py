"""Connections whose search path is one catalogue's schema."""

from typing import Any

from psycopg import Connection
from psycopg.conninfo import make_conninfo
from psycopg_pool import ConnectionPool

from skillmeat import embedded, settings
from skillmeat.embedded.urls import parse_libpq_url
from skillmeat.errors import CannotConnect, translate_errors


def connect(url: str | None = None, *, schema: str | None = None, **options: Any) -> Connection:  # noqa: ANN401
    """Open a psycopg connection to the catalogue.

    `url` is any libpq URL; without one, SKILLMEAT_DATABASE_URL or the embedded server (see
    `skillmeat.embedded.get_catalogue_url`). `schema` is SKILLMEAT_SCHEMA, or else `skillmeat`.
    Further options go to `psycopg.connect`, autocommit=True among them. Raises
    `CannotConnect` and `ServerError`.
    """
    # Given beside the URL, libpq's own `options` would take the place of the search path.
    target = conninfo(url, schema=schema, options=options.pop("options", None))
    with translate_errors():
        return Connection.connect(target, **options)


def pool(
    url: str | None = None,
    *,
    schema: str | None = None,
    **options: Any,  # noqa: ANN401
) -> ConnectionPool[Connection]:
    """Make a pool of such connections for a service; open it with `with` or `open()`.

    Further options go to `psycopg_pool.ConnectionPool`. Raises `CannotConnect` for what is no URL,
    and `ServerError`.
    """
    return ConnectionPool(conninfo(url, schema=schema), open=False, **options)


def conninfo(
    url: str | None = None, *, schema: str | None = None, options: str | None = None
) -> str:
    """What libpq needs to reach the catalogue, its search path included.

    `options` are libpq's, and replace the URL's. Raises `CannotConnect` for what is no URL.
    """
    chosen = settings.schema(schema)
    target = _parsed(url or embedded.get_catalogue_url())
    given = options or target.get("options") or ""
    # Compiling the plan of a page takes longer than reading it.
    every = ("-c jit=off", given, settings.search_path_option(chosen))
    target["options"] = " ".join(filter(None, every))
    target.setdefault("application_name", "skillmeat")
    return make_conninfo("", **target)


def _parsed(url: str) -> dict[str, Any]:
    target = parse_libpq_url(url)
    if target is not None:
        return target
    message = (
        "the URL is none that libpq reads: write postgresql://user:password@host:port/database, "
        "with @, / and : in a password as %40, %2F and %3A"
    )
    raise CannotConnect(message)
