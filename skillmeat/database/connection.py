"""Connections and pools whose search path is one catalogue's schema."""

import os
import re
from collections.abc import Iterator, Mapping
from json import JSONDecoder
from typing import Any, Final, Self

import psycopg
from psycopg import Connection, Cursor
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import scalar_row
from psycopg.types.json import set_json_loads
from psycopg_pool import ConnectionPool

from skillmeat import embedded, settings
from skillmeat.embedded.urls import parse_libpq_url
from skillmeat.errors import CannotConnect, translate_errors
from skillmeat.settings import services

# JIT compilation of a large plan takes longer than running it.
NO_JIT: Final = "-c jit=off"
# Parameters of libpq that the URL or its service may override. A connection to a host that has
# vanished is given up after half a minute, also in the middle of a statement.
DEFAULTS: Final = {
    "application_name": "skillmeat",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "4",
    "tcp_user_timeout": "30000",
}
# Settings that the server reports to every client: psycopg reads no other formats of times and
# intervals, and the statements here are written for standard strings.
FORMATS: Final = {
    "DateStyle": "ISO",
    "IntervalStyle": "postgres",
    "standard_conforming_strings": "on",
}
_DECODER: Final = JSONDecoder()
_OPTION: Final = re.compile(r"(?:-c\s*|--)(?P<name>[\w.-]+)=(?P<value>(?:\\.|[^\\\s])*)\s*")
_DIFFERS: Final = """
    select
    where translate(current_setting(%(name)s, true), '" ', '')
        is distinct from translate(%(value)s, '" ', '')
"""
# A statement's name is taken, is unknown, or is that of a statement with other parameters.
_NAME_ERRORS: Final = {"42P05", "26000", "08P01"}
# psycopg's names begin so; a pooler that tracks statements gives the server names of its own.
_OWN_STATEMENTS: Final = r"select from pg_prepared_statements where name like '\_pg3\_%'"
_SET: Final = _DIFFERS.replace("select", "select set_config(%(name)s, %(value)s, false)")


class CatalogueConnection(Connection[Any]):
    """A connection that notices a pooler such as PgBouncer, and works through it.

    A pooler may refuse startup options: the connection then sets what the role's own settings lack.
    It may also give each transaction another session of the server, so `is_pooled` connections
    prepare no statement, unless SKILLMEAT_PREPARE or `prepare_threshold` says otherwise. In
    transaction mode a setting reaches other clients: see docs/how-to/pool-with-pgbouncer.md.
    """

    is_pooled = False
    needs_own_path = False
    """Whether a pooled connection is refused unless its role itself has the search path.

    A session's own path would lead the next client of the pooler to another catalogue.
    """

    @classmethod
    def connect(cls, conninfo: str = "", **options: Any) -> Self:  # noqa: ANN401
        """Connect as psycopg does, and without startup options if they are refused."""
        in_autocommit = {**options, "autocommit": True}
        wanted = str(conninfo_to_dict(conninfo).get("options", "")).removeprefix(NO_JIT)
        refused = ""
        try:
            conn = super().connect(conninfo, **in_autocommit)
        except psycopg.OperationalError as error:
            # The message of PgBouncer, which does not translate it; its SQLSTATE is a general one.
            if "unsupported startup parameter" not in str(error):
                raise
            parameters = conninfo_to_dict(conninfo)
            refused = wanted
            # Empty, because a service would bring its own in place of missing ones.
            parameters["options"] = ""
            conn = super().connect(make_conninfo("", **parameters), **in_autocommit)
        try:
            conn._notice_pooler()  # noqa: SLF001 - its own class
            if conn.is_pooled and cls.needs_own_path:
                conn._refuse_other_path(wanted)  # noqa: SLF001 - its own class
            if "prepare_threshold" not in options:
                if not _may_prepare(conn):
                    conn.prepare_threshold = None
                elif conn.is_pooled:
                    conn._refuse_untracked_statements()  # noqa: SLF001 - its own class
            set_json_loads(_load_json, conn)
            conn._set_formats()  # noqa: SLF001 - its own class
            for name, value in _parse_options(refused):
                conn.execute(_SET, {"name": name, "value": value})
            conn.autocommit = options.get("autocommit", False)
        except BaseException:
            conn.close()
            raise
        return conn

    def _notice_pooler(self) -> None:
        """Set `is_pooled`: a pooler names no process of the server, but invents a number."""
        with Cursor(self, row_factory=scalar_row) as cursor:
            pid = cursor.execute("select pg_backend_pid()").fetchone()
        self.is_pooled = pid != self.info.backend_pid

    def _set_formats(self) -> None:
        """Set the FORMATS that the database, the role or the environment has set otherwise."""
        for name, value in FORMATS.items():
            reported = self.info.parameter_status(name)
            if reported is not None and not reported.startswith(value):
                self.execute("select set_config(%s, %s, false)", (name, value))

    def _refuse_untracked_statements(self) -> None:
        """Raise `CannotConnect` if clients of the pooler could run each other's statements."""
        try:
            # One transaction, for which a pooler keeps to one session of the server.
            with self.transaction():
                is_tracked = self.execute(_OWN_STATEMENTS, prepare=True).rowcount == 0
        except psycopg.DatabaseError as error:
            if error.sqlstate not in _NAME_ERRORS:
                raise
            is_tracked = False
        if not is_tracked:
            message = (
                "this pooler does not track prepared statements, so one client could run the "
                "statement of another: leave out SKILLMEAT_PREPARE=yes and --prepare"
            )
            raise CannotConnect(message)

    def _refuse_other_path(self, options: str) -> None:
        for name, path in _parse_options(options):
            if (
                name == "search_path"
                and self.execute(_DIFFERS, {"name": name, "value": path}).rowcount
            ):
                message = (
                    f"the role {self.info.user} has another search path, and through a pooler that"
                    " of a session would lead to other catalogues: connect as a role of its own,"
                    f" after `alter role … set search_path = {path}`"
                )
                raise CannotConnect(message)


def _load_json(document: str | bytes) -> Any:  # noqa: ANN401
    """Parse JSON of the server.

    `json.loads` first detects the encoding of bytes, in Python: that took a quarter of the client's
    time of a page.
    """
    return _DECODER.decode(document if isinstance(document, str) else document.decode())


def _may_prepare(conn: CatalogueConnection) -> bool:
    """Return whether a prepared statement is still there for the next transaction."""
    chosen = settings.get_prepare()
    return not conn.is_pooled if chosen is None else chosen


def connect(url: str | None = None, *, schema: str | None = None, **options: Any) -> Connection:  # noqa: ANN401
    """Open a psycopg connection to the catalogue.

    `url` is any libpq URL; without one it is SKILLMEAT_DATABASE_URL or the embedded server's.
    `schema` is SKILLMEAT_SCHEMA or `skillmeat` unless given. Further options, such as
    autocommit=True, go to `psycopg.connect`. Raises `CannotConnect` and `ServerError`.
    """
    # Passed beside the conninfo, libpq's own `options` would replace the search path.
    conninfo = build_conninfo(url, schema=schema, options=options.pop("options", None))
    with translate_errors():
        return CatalogueConnection.connect(conninfo, **options)


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
    options.setdefault("connection_class", CatalogueConnection)
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
    url: str | None = None,
    *,
    schema: str | None = None,
    options: str | None = None,
    defaults: Mapping[str, str] = DEFAULTS,
) -> str:
    """Build the conninfo of the catalogue, with its search path.

    `options` are libpq's, and replace the URL's and PGOPTIONS. The URL and its service override
    `defaults`. Raises `CannotConnect` for a URL that libpq cannot parse.
    """
    search_path = settings.build_search_path_option(settings.get_schema(schema))
    parameters = parse_url(url or embedded.get_catalogue_url())
    # A parameter beside `service` would replace the service's own.
    of_service = find_service_parameters(parameters)
    added = {key: value for key, value in defaults.items() if key not in of_service}
    # In libpq's order, because its own variable counts only without `options`.
    of_url = parameters.get("options") or of_service.get("options")
    given = options or of_url or os.environ.get("PGOPTIONS")
    parameters["options"] = " ".join(filter(None, (NO_JIT, given, search_path)))
    # Whatever PGCLIENTENCODING says: psycopg returns bytes for SQL_ASCII.
    parameters["client_encoding"] = "utf8"
    return make_conninfo("", **{**added, **parameters})


def find_service_parameters(parameters: Mapping[str, Any]) -> Mapping[str, str]:
    """Return what the service that a URL names adds to its parameters; nothing without one."""
    name = parameters.get("service")
    service = services.find_service(name) if name else None
    return {} if service is None else service.parameters


def parse_url(url: str, *, name: str = "the URL") -> dict[str, Any]:
    """Parse a URL into libpq's parameters; the message of `CannotConnect` calls it `name`."""
    parameters = parse_libpq_url(url)
    if parameters is None:
        message = (
            f"libpq cannot read {name}: write postgresql://user:password@host:port/database, with"
            " @, / and : in a password as %40, %2F and %3A"
        )
        raise CannotConnect(message)
    return parameters


def _parse_options(options: str) -> Iterator[tuple[str, str]]:
    """Yield each setting of libpq's options, such as `-c work_mem=64MB`, as name and value."""
    rest = options.strip()
    while rest:
        found = _OPTION.match(rest)
        if found is None:
            message = (
                f"the pooler refuses startup options, and {rest!r} cannot be set later: write each "
                "option as -c name=value, or connect to the server itself"
            )
            raise CannotConnect(message)
        yield found["name"].replace("-", "_"), re.sub(r"\\(.)", r"\1", found["value"])
        rest = rest[found.end() :]
