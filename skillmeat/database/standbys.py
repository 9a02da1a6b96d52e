"""Connections for reading: to a standby that has replayed what the caller must see."""

import logging
import random
import time
from contextlib import suppress
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any, Final

from psycopg import Connection
from psycopg.conninfo import make_conninfo

from skillmeat import settings
from skillmeat.database.connection import connect, parse_url
from skillmeat.database.positions import REPLAY_TIMEOUT, Position, get_position, wait_for_position
from skillmeat.database.query import Conn, fetch_scalar
from skillmeat.errors import CannotConnect, DatabaseError, SkillMeatError

LOGGER: Final = logging.getLogger("skillmeat")

CONNECT_TIMEOUT: Final = 5
NOT_A_STANDBY: Final = (
    "SKILLMEAT_READ_URL names another cluster or database than SKILLMEAT_DATABASE_URL: name "
    "standbys of that server, and the same database"
)
FORKED: Final = (
    "it is on a later timeline than the primary: it was promoted, or follows a server that was; "
    "name standbys of the primary in SKILLMEAT_READ_URL"
)
_DATABASE: Final = "select current_database()"
_PER_HOST: Final = ("host", "hostaddr", "port")


@dataclass(frozen=True, slots=True)
class Standby:
    """A server to read from: the name that messages and metrics give it, and its conninfo."""

    name: str
    conninfo: str


def list_standbys(read_url: str | None = None) -> tuple[Standby, ...]:
    """List the servers of a libpq URL, or of SKILLMEAT_READ_URL: one for each of its hosts.

    Empty if neither is given. Raises `CannotConnect` for a URL that libpq cannot read.
    """
    url = read_url or settings.get_read_url()
    if url is None:
        return ()
    parameters = parse_url(url, name="SKILLMEAT_READ_URL")
    lists = {key: str(parameters[key]).split(",") for key in _PER_HOST if parameters.get(key)}
    count = max(map(len, lists.values()), default=1)
    if any(len(values) not in (1, count) for values in lists.values()):
        message = "SKILLMEAT_READ_URL has other numbers of hosts and ports: write one port, or all"
        raise CannotConnect(message)
    columns = {key: tuple(islice(cycle(values), count)) for key, values in lists.items()}
    return tuple(
        _make_standby({**parameters, **{key: values[i] for key, values in columns.items()}})
        for i in range(count)
    )


def connect_for_reading(
    url: str | None = None,
    *,
    read_url: str | None = None,
    after: Position | None = None,
    schema: str | None = None,
    **options: Any,  # noqa: ANN401
) -> Connection:
    """Connect to a standby that has replayed every commit up to now, else to the primary.

    `read_url` is a libpq URL, which may name several hosts, or SKILLMEAT_READ_URL; without any, the
    connection is to the primary. `after` is a position of `get_position`, and replaces "now". A
    standby has 50 ms to replay it. If the primary does not answer, a standby does, but never one
    that lacks `after`. The logger `skillmeat` gets a warning if no standby can be reached. The
    other arguments are those of `connect`. Raises `CannotConnect`, and `SkillMeatError` if the URL
    names no standby of the primary.
    """
    standbys = list_standbys(read_url)
    if not standbys:
        return connect(url, schema=schema, **options)
    autocommit = options.pop("autocommit", False)
    options = {"connect_timeout": CONNECT_TIMEOUT, **options, "autocommit": True}
    opened: list[Connection] = []
    chosen: Connection | None = None
    try:
        chosen = _choose(opened, url, standbys, after=after, schema=schema, **options)
        chosen.autocommit = autocommit
    finally:
        for conn in opened:
            if conn is not chosen:
                conn.close()
    return chosen


def _choose(
    opened: list[Connection],
    url: str | None,
    standbys: tuple[Standby, ...],
    *,
    after: Position | None,
    **options: Any,  # noqa: ANN401
) -> Connection:
    """Return the connection to read from; `opened` gets every connection."""
    primary: Connection | None = None
    wanted = after
    try:
        primary = connect(url, **options)
    except CannotConnect as error:
        failure = error
    else:
        opened.append(primary)
        wanted = after or get_position(primary)
    unreachable: list[str] = []
    deadline = time.monotonic() + REPLAY_TIMEOUT
    for each in random.sample(standbys, len(standbys)):
        with suppress(DatabaseError):
            try:
                standby = connect(each.conninfo, **options)
            except CannotConnect as error:
                unreachable.append(str(error))
                continue
            opened.append(standby)
            if primary is not None and not _is_standby_of(standby, primary):
                continue
            left = max(deadline - time.monotonic(), 0)
            if wanted is None or wait_for_position(standby, wanted, timeout=left):
                return standby
    if primary is None:
        raise failure
    if len(unreachable) == len(standbys):
        LOGGER.warning("the primary is read, because no standby answers: %s", unreachable[0])
    return primary


def _is_standby_of(conn: Conn, primary: Conn) -> bool:
    """Return whether a server follows the primary; another server may have its commits or not.

    Raises `SkillMeatError` unless both servers hold one database of one cluster.
    """
    servers = (conn, primary)
    here, there = map(get_position, servers)
    if (
        here.system != there.system
        or len({fetch_scalar(each, _DATABASE, {}) for each in servers}) > 1
    ):
        raise SkillMeatError(NOT_A_STANDBY)
    return not here.is_forked_from(there)


def _make_standby(parameters: dict[str, Any]) -> Standby:
    host = parameters.get("host") or parameters.get("hostaddr") or parameters.get("service")
    port = parameters.get("port")
    name = ":".join(str(part) for part in (host or "local", port) if part)
    return Standby(name, make_conninfo("", **parameters))
