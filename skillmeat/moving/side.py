"""The two copies of a move: how to reach each, and a session with it."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from psycopg import IsolationLevel
from psycopg.conninfo import make_conninfo

from skillmeat.database.connection import (
    CatalogueConnection,
    connect,
    find_service_parameters,
    parse_url,
)
from skillmeat.database.query import Conn, Statement, fetch_scalar
from skillmeat.database.time_limits import lift_time_limits
from skillmeat.errors import SkillMeatError, translate_errors

# What clients need to choose among several hosts.
CHOICE: Final = frozenset(
    {"host", "hostaddr", "port", "target_session_attrs", "load_balance_hosts"}
)
HOST: Final = frozenset({"host", "hostaddr"})
# What the other server needs to reach this one; the rest is of this program alone.
REACH: Final = frozenset(
    {
        *("passfile", "require_auth", "channel_binding", "gssencmode", "krbsrvname"),
        *("sslmode", "sslcert", "sslkey", "sslrootcert", "sslcrl", "sslcrldir", "sslnegotiation"),
    }
)
# The number of the cluster, and the database and the schema in it.
IDENTITY: Final = """
    select format('%%s/%%s/%%s', s.system_identifier, d.oid, n.oid)
    from pg_control_system() as s
    inner join pg_database as d on d.datname = current_database()
    left join pg_namespace as n on n.nspname = %(schema)s
"""


@dataclass(frozen=True, slots=True)
class Side:
    """One copy: its URL, its schema, and a session in autocommit.

    `place` is the host, the port and the database, to print; `conninfo` has the password, and is
    for the other server. `hosts` has all hosts of the URL, and is for clients.
    """

    url: str
    schema: str
    conn: Conn
    place: str
    conninfo: str
    hosts: str

    @property
    def owned_place(self) -> str:
        """The place with the role of this session."""
        return make_conninfo(self.place, user=self.conn.info.user)

    def connect(self) -> Conn:
        """Open another session, in which each statement belongs to a transaction."""
        return connect(self.url, schema=self.schema)

    def build_url_as(self, role: str) -> str:
        """Build a URL whose sessions act as another role."""
        escaped = re.sub(r"([\\\s])", r"\\\1", role)
        return make_conninfo(self.conninfo, options=f"{self.conn.info.options} -c role={escaped}")

    def read_identity(self) -> str:
        """Return what tells this copy from every other, on any server."""
        return read_identity(self.conn, self.schema)


def read_identity(conn: Conn, schema: str) -> str:
    """Return what tells a schema from every other, on any server: CLUSTER/DATABASE/SCHEMA.

    The last part is empty if there is no such schema.
    """
    return str(fetch_scalar(conn, IDENTITY, {"schema": schema}))


@contextmanager
def open_side(url: str, *, schema: str, name: str) -> Iterator[Side]:
    """Connect to a copy, in autocommit and without time limits; `name` is for errors.

    Raises `SkillMeatError` if the URL leads to a pooler or to a standby.
    """
    with connect(url, schema=schema, autocommit=True) as conn:
        if isinstance(conn, CatalogueConnection) and conn.is_pooled:
            message = f"the {name} is behind a pooler: name the server itself"
            raise SkillMeatError(message)
        if fetch_scalar(conn, "select pg_is_in_recovery()", {}):
            message = f"the {name} is on a standby: name the primary"
            raise SkillMeatError(message)
        lift_time_limits(conn)
        # A commit that decides must survive a crash, whatever the database's default is.
        run(conn, "set synchronous_commit = on")
        # For a refresh, and for TRUNCATE, also if the database's default is another level.
        run(conn, "set default_transaction_isolation = 'read committed'")
        info = conn.info
        choice = _read_choice(url)
        place = {"host": info.host, "port": str(info.port), "dbname": info.dbname}
        if "hostaddr" in choice and info.hostaddr != info.host:
            place["hostaddr"] = info.hostaddr
        login = {"user": info.user, "password": info.password}
        given = {key: value for key, value in info.get_parameters().items() if key in REACH}
        reach = {key: value for key, value in {**given, **place, **login}.items() if value}
        names_host = not choice.keys().isdisjoint(HOST)
        others = {key: reach[key] for key in reach if not (names_host and key in HOST)}
        yield Side(
            url,
            schema,
            conn,
            place=make_conninfo("", **place),
            conninfo=make_conninfo("", **reach),
            hosts=make_conninfo("", **{**others, **choice}),
        )


def _read_choice(url: str) -> dict[str, str]:
    """Return what a URL says about its hosts.

    A connection knows only the chosen host, and always an address: that of this moment, as this
    machine resolves the name.
    """
    parameters = parse_url(url)
    of_environment = {"hostaddr": os.environ.get("PGHOSTADDR")}
    given = {**of_environment, **find_service_parameters(parameters), **parameters}
    return {key: str(value) for key, value in given.items() if key in CHOICE and value}


@contextmanager
def open_snapshot(side: Side) -> Iterator[Conn]:
    """Open a session that sees this moment until the end of the block."""
    with side.connect() as conn:
        lift_time_limits(conn)
        conn.rollback()
        conn.isolation_level = IsolationLevel.REPEATABLE_READ
        conn.read_only = True
        run(conn, "select")
        yield conn


def run(conn: Conn, statement: Statement) -> None:
    """Run a statement in which no percent sign is special."""
    with translate_errors():
        conn.execute(statement)
