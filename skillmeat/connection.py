"""Connections whose search path is one catalogue's schema."""

from typing import Any

from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg_pool import ConnectionPool

from skillmeat import server, settings
from skillmeat.errors import translated


def connect(url: str | None = None, *, schema: str | None = None, **options: Any) -> Connection:  # noqa: ANN401
    """Open a psycopg connection to the catalogue.

    `url` is any libpq URL; without one, SKILLMEAT_DATABASE_URL or the embedded server (see
    `skillmeat.server.catalogue_url`). `schema` is SKILLMEAT_SCHEMA or `skillmeat` unless given.
    Further options go to `psycopg.connect`, autocommit=True among them. Raises
    `CannotConnect` and `ServerError`.
    """
    with translated():
        return Connection.connect(conninfo(url, schema=schema), **options)


def pool(
    url: str | None = None,
    *,
    schema: str | None = None,
    **options: Any,  # noqa: ANN401
) -> ConnectionPool[Connection]:
    """Make a pool of such connections for a service; open it with `with` or `open()`.

    Further options go to `psycopg_pool.ConnectionPool`. Raises `ServerError`.
    """
    return ConnectionPool(conninfo(url, schema=schema), open=False, **options)


def conninfo(url: str | None = None, *, schema: str | None = None) -> str:
    """What libpq needs to reach the catalogue, its search path included."""
    chosen = settings.schema(schema)
    target = conninfo_to_dict(url or server.catalogue_url())
    target["options"] = f"{target.get('options') or ''} -c search_path={chosen},pg_temp".strip()
    target.setdefault("application_name", "skillmeat")
    return make_conninfo("", **target)
