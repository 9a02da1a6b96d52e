"""A database that holds the sample, restored for each of hundreds of tests: cloning is slow."""

import sys
from collections.abc import Iterator

import pytest
from psycopg import Connection, IsolationLevel, sql

import skillmeat
from tests.conftest import database
from tests.db.sample import EMPTY, restore
from tests.shared_sessions import SharedSessions, shared_sessions

# psycopg prepares what is executed more often: a test would depend on those before it.
NEVER = sys.maxsize
LEVELS = (
    IsolationLevel.READ_COMMITTED,
    IsolationLevel.REPEATABLE_READ,
    IsolationLevel.SERIALIZABLE,
)


@pytest.fixture(scope="session")
def sample_database(server_url: str, template: str) -> Iterator[str]:
    """Yield the URL of a database that the tests of this worker use in turn."""
    with database(server_url, template=template) as url:
        # Compiling the oracle would take longer than all else.
        with skillmeat.connect(url, autocommit=True) as conn:
            name = sql.Identifier(conn.info.dbname)
            conn.execute(sql.SQL("alter database {} set jit = off").format(name))
        yield url


@pytest.fixture(scope="session")
def sessions(sample_database: str) -> Iterator[SharedSessions]:
    """Yield a function that returns a shared session by its name, in autocommit."""
    with shared_sessions(sample_database, prepare_threshold=NEVER) as shared:
        yield shared


@pytest.fixture
def observer(sessions: SharedSessions) -> Connection:
    """Return a connection to the restored sample; in autocommit it sees each commit."""
    # A transaction that a failed test left open would keep its tables locked.
    sessions("sample")
    conn = sessions("observer")
    restore(conn)
    return conn


@pytest.fixture
def sample_url(sample_database: str, observer: Connection) -> str:
    """Return the URL of a database with only the sample, whose counts are settled."""
    assert not observer.closed
    return sample_database


@pytest.fixture
def sample(sessions: SharedSessions, observer: Connection) -> Iterator[Connection]:
    """Yield a connection to the restored sample, not in autocommit."""
    assert not observer.closed
    conn = sessions("sample")
    conn.autocommit = False
    yield conn
    conn.rollback()


@pytest.fixture
def vacuumed_afterwards(sample: Connection, observer: Connection) -> Iterator[None]:
    """Remove the many dead rows that a test leaves: each scan of later tests would read them."""
    yield
    sample.rollback()
    # Without a row in them, the tables become as small as new ones.
    observer.execute(EMPTY)
    observer.execute("vacuum")


# A session that runs alone behaves the same at SERIALIZABLE and REPEATABLE READ.
@pytest.fixture(
    params=[*LEVELS[:2], pytest.param(LEVELS[2], marks=pytest.mark.exhaustive)],
    ids=lambda level: level.name.lower(),
)
def isolation(request: pytest.FixtureRequest) -> IsolationLevel:
    """Return each isolation level in turn."""
    level: IsolationLevel = request.param
    return level
