"""A large catalogue on the server under test and, where one is installed, on another PostgreSQL."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import Connection, sql

import skillmeat
from skillmeat import migration
from skillmeat.embedded import find_binaries, replace_database, temporary_server
from skillmeat.embedded.binaries import OLDEST_MAJOR, get_major_version
from skillmeat.errors import ServerError
from tests.conftest import database_name
from tests.plans.dataset import CATALOGUE, FORGET_STATISTICS, NEIGHBOURS_CHANGED

INSTALLED = Path("/usr/lib/postgresql")
FLUSHED = "select pg_current_xact_id()"


@dataclass(frozen=True, slots=True)
class Server:
    """A server, and the databases on it that are no longer needed."""

    url: str
    finished: list[str] = field(default_factory=list)


@pytest.fixture(
    scope="session",
    params=["under test", pytest.param("of another version", marks=pytest.mark.exhaustive)],
)
def server(request: pytest.FixtureRequest, server_url: str) -> Iterator[Server]:
    """Yield the server under test, then a server of the most distant installed version."""
    with ExitStack() as stack:
        if request.param == "under test":
            found = Server(server_url)
        else:
            found = Server(stack.enter_context(temporary_server(binaries=_another(server_url))))
        yield found
        _drop_finished(found)


@pytest.fixture(scope="session")
def fresh(server: Server) -> Iterator[str]:
    """Yield the URL of a database that is migrated and otherwise empty."""
    with database(server) as url:
        migration.upgrade(url=url)
        yield url


@pytest.fixture(scope="session")
def unanalysed_url(server: Server, fresh: str) -> Iterator[str]:
    """Yield the URL of a database with the catalogue, before any ANALYZE."""
    with database(server, template=fresh) as url:
        with skillmeat.connect(url, autocommit=True) as conn:
            conn.execute(CATALOGUE)
            conn.execute(FORGET_STATISTICS)
        yield url


@pytest.fixture(scope="session")
def analysed_url(server: Server, unanalysed_url: str) -> Iterator[str]:
    """Yield the URL of a database with the catalogue after VACUUM ANALYZE."""
    with database(server, template=unanalysed_url) as url:
        with skillmeat.connect(url, autocommit=True) as conn:
            # VACUUM takes no row for visible whose commit, or a later one near it, is not on disk.
            conn.execute("set synchronous_commit = on")
            conn.execute(FLUSHED)
            conn.execute("vacuum analyze")
        yield url


@pytest.fixture(scope="session")
def changed_url(server: Server, analysed_url: str) -> Iterator[str]:
    """Yield the URL of a copy with a thousand changed neighbours, which tests only read."""
    with database(server, template=analysed_url) as url:
        with skillmeat.connect(url, autocommit=True) as conn:
            conn.execute(NEIGHBOURS_CHANGED)
        yield url


@pytest.fixture
def url(server: Server, analysed_url: str) -> Iterator[str]:
    """Yield the URL of the test's own copy of the analysed catalogue."""
    with database(server, template=analysed_url) as copy:
        yield copy


@pytest.fixture
def conn(url: str) -> Iterator[Connection]:
    """Yield a connection, in autocommit, to the test's own analysed catalogue."""
    with open_session(url) as connection:
        yield connection


@pytest.fixture
def changed_conn(changed_url: str) -> Iterator[Connection]:
    """Yield a connection, in autocommit, to the catalogue with a thousand changed neighbours."""
    with open_session(changed_url) as connection:
        yield connection


@pytest.fixture
def unanalysed_conn(server: Server, unanalysed_url: str) -> Iterator[Connection]:
    """Yield a connection, in autocommit, to the test's own catalogue before any ANALYZE."""
    with database(server, template=unanalysed_url) as url, open_session(url) as connection:
        yield connection


@contextmanager
def open_session(url: str) -> Iterator[Connection]:
    """Yield a session without automatic prepared statements and without JIT."""
    with skillmeat.connect(url, autocommit=True, prepare_threshold=None) as connection:
        connection.execute("set jit = off")
        yield connection


@contextmanager
def database(server: Server, *, template: str | None = None) -> Iterator[str]:
    """Copy the database at the URL `template`; yield the URL of the copy."""
    name = f"skillmeat_test_{uuid4().hex}"
    original = database_name(template) if template else "template1"
    _drop_finished(server)
    with psycopg.connect(server.url, autocommit=True) as admin:
        admin.execute(
            # Half the cost, as in tests/conftest.py.
            sql.SQL("create database {} template {} strategy file_copy").format(
                sql.Identifier(name), sql.Identifier(original)
            )
        )
    try:
        yield replace_database(server.url, name)
    finally:
        server.finished.append(name)


def _drop_finished(server: Server) -> None:
    # One test later, as in tests/conftest.py: at once it would wait for sessions that just end.
    with psycopg.connect(server.url, autocommit=True) as admin:
        while server.finished:
            name = sql.Identifier(server.finished.pop())
            admin.execute(sql.SQL("drop database if exists {} with (force)").format(name))


def _another(server_url: str) -> Path:
    with psycopg.connect(server_url) as conn:
        present = conn.info.server_version // 10000
    versions = {_major(binaries): binaries for binaries in _installed()}
    others = [major for major in versions if major >= OLDEST_MAJOR and major != present]
    if not others:
        pytest.skip(f"needs another PostgreSQL than {present}: install Debian's postgresql-15")
    return versions[max(others, key=lambda major: abs(major - present))]


def _installed() -> Iterator[Path]:
    yield from INSTALLED.glob("*/bin")
    try:
        yield find_binaries()
    except ServerError:
        return


def _major(binaries: Path) -> int:
    try:
        return get_major_version(binaries)
    except ServerError:
        return 0
