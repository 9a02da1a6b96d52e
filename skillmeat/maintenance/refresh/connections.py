"""Connections of a refresher: to a server that takes writes, and never lost for long unnoticed."""

from collections.abc import Callable
from functools import partial
from typing import Final

from psycopg import Connection, IsolationLevel
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from skillmeat import embedded, settings
from skillmeat.connection import conninfo
from skillmeat.errors import CannotConnect, translate_errors
from skillmeat.query import Conn

# What the URL does not say. A host that vanished without a word is given up after half a minute.
DEFAULTS: Final = {
    "target_session_attrs": "read-write",
    "connect_timeout": "10",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "4",
    "tcp_user_timeout": "30000",
}

# Time limits are meant for those who keep others waiting; a refresh keeps nobody.
NO_TIME_LIMIT: Final = "select set_config('statement_timeout', '0', false)"


def connector(url: str | None = None, *, schema: str | None = None) -> Callable[[], Conn]:
    """What opens connections for a refresher, each to the server that is then the one to write to.

    `url` and `schema` are as for `skillmeat.connect`. Where the embedded server is meant it is
    started, if need be, for the first of them: whoever stops it later has their reasons.
    """
    chosen = settings.schema(schema)
    if given := url or embedded.given_url():
        return partial(_connect, _target(given, chosen))
    is_started = False

    def connect() -> Conn:
        nonlocal is_started
        found = _running_catalogue() if is_started else embedded.catalogue_url()
        is_started = True
        return _connect(_target(found, chosen))

    return connect


def _target(url: str, schema: str) -> str:
    said = conninfo_to_dict(conninfo(url, schema=schema))
    return make_conninfo("", **{**DEFAULTS, **said})


def _connect(target: str) -> Conn:
    with translate_errors():
        conn = Connection.connect(target, autocommit=True)
        conn.isolation_level = IsolationLevel.READ_COMMITTED
        # A prepared statement would outlive the schema that it was prepared for.
        conn.prepare_threshold = None
        conn.execute(NO_TIME_LIMIT)
        return conn


def _running_catalogue() -> str:
    found = embedded.status(settings.data_dir())
    if found.url is None:
        message = "the embedded server is stopped"
        raise CannotConnect(message)
    return embedded.with_database(found.url, embedded.CATALOGUE_DATABASE)
