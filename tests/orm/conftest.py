"""A catalogue that is half refreshed, read through SQLAlchemy."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from psycopg import Connection, IsolationLevel
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

import skillmeat
from tests.conftest import database

# 2,000 artifacts, all in `default`, each in one of 20 collections and with one of 10 tags; a small
# collection and a rare tag at the very end.
CATALOGUE = """
    insert into artifacts (type, name, title, description, metadata)
    select
        case when n % 5 = 0 then 'agent' else 'skill' end,
        to_char(n, 'FM0000'),
        case when n % 3 = 0 then 'T' || n end,
        case when n % 50 = 0 then 'reads a walrus' end,
        jsonb_build_object('n', n)
    from generate_series(1, 2000) as n;
    insert into artifact_versions (artifact_id, content_hash, version)
    select id, name, '1.' || name from artifacts where type = 'agent';

    insert into collections (id, name) values ('default', 'Default'), ('late', 'Late');
    insert into collections (id, name)
    select to_char(n, 'FM000'), 'C' || n from generate_series(1, 20) as n;
    insert into collection_artifacts (collection_id, artifact_id)
    select 'default', id from artifacts
    union all
    select to_char(name::int % 20 + 1, 'FM000'), id from artifacts
    union all
    select 'late', id from artifacts where name > '1950' and type = 'skill';

    insert into tags (id, name, slug)
    select 't' || n, 'T' || n, 't' || n from generate_series(0, 9) as n;
    insert into tags (id, name, slug) values ('r', 'Rare', 'rare'), ('w', 'Walrus', 'walrus');
    insert into artifact_tags (artifact_id, tag_id)
    select id, 't' || name::int % 10 from artifacts
    union all
    select id, 'r' from artifacts where name > '1990'
    union all
    select id, 'w' from artifacts where name > '1980';

    select settle_counts(), refresh_artifact_summaries();
"""
# Changes since the refresh.
SINCE = """
    update artifacts set title = 'new' where name::int % 40 = 0;
    delete from artifacts where name::int % 100 = 7;
    insert into artifacts (type, name, description) values
        ('skill', '1985a', 'a young walrus'), ('skill', 'with:colon', null);
"""
# At REPEATABLE READ no commit settles, so these counts stay pending.
PENDING = """
    insert into collection_artifacts (collection_id, artifact_id)
    values ('late', 'skill:1985a'), ('default', 'skill:1985a'), ('late', 'agent:0005')
"""


@pytest.fixture(scope="session")
def catalogue(server_url: str, template: str) -> Iterator[str]:
    """Yield the URL of a database that the tests only read."""
    with database(server_url, template=template) as url:
        with skillmeat.connect(url, autocommit=True) as conn:
            conn.execute(CATALOGUE)
            conn.execute(SINCE)
            conn.isolation_level = IsolationLevel.REPEATABLE_READ
            with conn.transaction():
                conn.execute(PENDING)
            conn.execute("analyze")
        yield url


@contextmanager
def engine_on(
    url: str, *, schema: str | None = None, prepare_threshold: int | None = 5
) -> Iterator[Engine]:
    """Yield an engine that connects with `skillmeat.connect`."""
    creator = partial(skillmeat.connect, url, schema=schema, prepare_threshold=prepare_threshold)
    engine = create_engine("postgresql+psycopg://", creator=creator)
    try:
        yield engine
    finally:
        engine.dispose()


@pytest.fixture(scope="session")
def reader_engine(catalogue: str) -> Iterator[Engine]:
    """Yield the engine of all readers: a new connection has the views to learn again."""
    with engine_on(catalogue) as engine:
        yield engine


@pytest.fixture
def reader(reader_engine: Engine) -> Iterator[Session]:
    """Yield a session that reads the catalogue."""
    with Session(reader_engine) as session:
        yield session


@pytest.fixture
def session(url: str) -> Iterator[Session]:
    """Yield a session on the test's own empty catalogue."""
    with engine_on(url) as engine, Session(engine) as session:
        yield session


def driver(session: Session) -> Connection:
    """Begin a session's transaction; return its psycopg connection."""
    conn = session.connection().connection.driver_connection
    assert isinstance(conn, Connection)
    conn.execute("select")
    return conn
