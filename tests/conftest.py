"""A real server for the session, and a database for each test, cloned from a migrated template."""

import gc
import os
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import Connection, sql

import skillmeat
from skillmeat import migration
from skillmeat.embedded import replace_database
from tests.replication.clusters import major, original
from tests.servers import ServerUnavailable, checked_target, started

__all__ = ["major", "original"]

_TARGET = pytest.StashKey[str]()

# These folders share servers, and the modules of `tests` itself take long. Workers steal tests from
# the end: each worker that gets one of these tests would start the servers again.
_FIRST = ("tests", "replication", "moving", "faults", "plans", "embedded")

# httpx loads the certificates of 140 authorities for each client, which takes 33 ms of CPU. No test
# uses TLS, so it gets a directory without certificates.
os.environ["SSL_CERT_DIR"] = str(Path(__file__).parent)
# It would take precedence.
os.environ.pop("SSL_CERT_FILE", None)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Start three workers on two cores: a test waits for its server half of the time."""
    return max(2, (os.cpu_count() or 1) * 3 // 2)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Check the server before xdist starts workers; exit with one line if it is unusable."""
    config = session.config
    if _is_worker(config):
        config.stash[_TARGET] = config.workerinput["target"]  # type: ignore[attr-defined]
    elif not config.option.collectonly:
        stack = ExitStack()
        config.add_cleanup(stack.close)
        try:
            config.stash[_TARGET] = stack.enter_context(checked_target())
        except ServerUnavailable as error:
            raise pytest.UsageError(str(error)) from None


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:  # noqa: ANN401 - xdist has no type for it
    """Pass the server's URL to a worker."""
    node.workerinput["target"] = node.config.stash[_TARGET]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect without garbage collection, and let it never visit the collected tests."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let one worker begin with the tests whose servers take long to start."""
    folders = {name: place for place, name in enumerate(_FIRST)}
    items.sort(key=lambda item: folders.get(item.path.parent.name, len(folders)))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print each reason for skipped tests, with the way to run them."""
    reasons = Counter(
        report.longrepr[2].removeprefix("Skipped: ")
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple)
    )
    if reasons:
        terminalreporter.section("skipped")
        for reason, tests in sorted(reasons.items()):
            terminalreporter.line(f"{tests:4} {'test' if tests == 1 else 'tests'}: {reason}")


@pytest.fixture(scope="session", autouse=True)
def service_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep commands such as `catalogue create` from the user's own service file."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PGSERVICEFILE", str(tmp_path_factory.mktemp("services") / "file"))
        yield


@pytest.fixture(scope="session")
def server_url(pytestconfig: pytest.Config) -> Iterator[str]:
    """Yield the URL of the server under test."""
    with started(pytestconfig.stash[_TARGET]) as url:
        yield url
        _drop_finished(url)
        _administrator(url).close()


@pytest.fixture(scope="session")
def template(server_url: str) -> Iterator[str]:
    """Yield the name of a database that is migrated and otherwise empty."""
    with database(server_url) as url:
        migration.upgrade(url=url)
        yield database_name(url)


@pytest.fixture
def empty_url(server_url: str) -> Iterator[str]:
    """Yield the URL of a database with nothing in it."""
    with database(server_url) as url:
        yield url


@pytest.fixture
def url(server_url: str, template: str) -> Iterator[str]:
    """Yield the URL of a database with an empty catalogue."""
    with database(server_url, template=template) as url:
        yield url


@pytest.fixture(scope="module")
def shared_url(server_url: str, template: str) -> Iterator[str]:
    """Yield the URL of a catalogue that the tests of a module share."""
    with database(server_url, template=template) as url:
        yield url


@pytest.fixture
def conn(url: str) -> Iterator[Connection]:
    """Yield a connection to an empty catalogue, in autocommit."""
    with skillmeat.connect(url, autocommit=True) as connection:
        yield connection


# Dropped one test later, when no session is connected: DROP DATABASE waits a tenth of a second for
# a session that is about to end.
_finished: list[str] = []


@contextmanager
def database(server_url: str, *, template: str = "template1") -> Iterator[str]:
    """Yield the URL of a new database, and drop the database after the block."""
    name = f"skillmeat_test_{uuid4().hex}"
    _administrator(server_url).execute(
        # Half the cost, to create and to drop, of a copy through the WAL.
        sql.SQL("create database {} template {} strategy file_copy").format(
            sql.Identifier(name), sql.Identifier(template)
        )
    )
    try:
        yield replace_database(server_url, name)
    finally:
        _drop_finished(server_url)
        _finished.append(name)


def _drop_finished(server_url: str) -> None:
    while _finished:
        _administrator(server_url).execute(
            sql.SQL("drop database if exists {} with (force)").format(
                sql.Identifier(_finished.pop())
            )
        )


@cache
def _administrator(server_url: str) -> Connection:
    """Return the session that creates and drops databases: a new one costs half of a copy."""
    return psycopg.connect(server_url, autocommit=True)


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


def database_name(url: str) -> str:
    """Return the name of the database in a URL."""
    return str(psycopg.conninfo.conninfo_to_dict(url)["dbname"])
