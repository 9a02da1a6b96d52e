"""A database that holds the sample, restored for each of hundreds of tests: cloning is slow."""

from collections.abc import Iterator

import pytest
from psycopg import Connection, IsolationLevel, sql

import skillmeat
from tests.conftest import database
from tests.db.sample import restore

LEVELS = (
    IsolationLevel.READ_COMMITTED,
    IsolationLevel.REPEATABLE_READ,
    IsolationLevel.SERIALIZABLE,
)


@pytest.fixture(scope="session")
def sample_database(server_url: str, template: str) -> Iterator[str]:
    """The URL of a database that the tests of this worker share, one after the other."""
    with database(server_url, template=template) as url:
        # Compiling the oracle would take longer than all else.
        with skillmeat.connect(url, autocommit=True) as conn:
            name = sql.Identifier(conn.info.dbname)
            conn.execute(sql.SQL("alter database {} set jit = off").format(name))
        yield url


@pytest.fixture
def sample_url(sample_database: str) -> str:
    """The URL of a database that holds the sample, settled, and nothing else."""
    with skillmeat.connect(sample_database, autocommit=True) as conn:
        restore(conn)
    return sample_database


@pytest.fixture
def sample(sample_url: str) -> Iterator[Connection]:
    """A connection to the sample, not in autocommit."""
    with skillmeat.connect(sample_url) as conn:
        yield conn


@pytest.fixture
def observer(sample_url: str) -> Iterator[Connection]:
    """Another connection to the sample, in autocommit: it sees what is committed."""
    with skillmeat.connect(sample_url, autocommit=True) as conn:
        yield conn


# Nothing here tells SERIALIZABLE from REPEATABLE READ; who runs alone cannot either.
@pytest.fixture(
    params=[*LEVELS[:2], pytest.param(LEVELS[2], marks=pytest.mark.exhaustive)],
    ids=lambda level: level.name.lower(),
)
def isolation(request: pytest.FixtureRequest) -> IsolationLevel:
    """Each isolation level in turn."""
    level: IsolationLevel = request.param
    return level
