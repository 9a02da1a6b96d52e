"""Members of <schema>_app may do everything but repair; members of <schema>_reader read."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from uuid import uuid4

import psycopg
import pytest
from psycopg import Connection, sql
from psycopg.conninfo import make_conninfo

import skillmeat
from skillmeat.errors import NotAllowed
from skillmeat.maintenance import list_count_drift
from tests.catalogue.calls import READS, WRITES

pytestmark = pytest.mark.usefixtures("furnished")


# The tests share a session of each role: a new one would have all views and functions to learn.
@contextmanager
def member_of(group: str, server_url: str) -> Iterator[str]:
    name = f"member_{uuid4().hex}"
    with psycopg.connect(server_url, autocommit=True) as admin:
        role = sql.Identifier(name)
        admin.execute(
            sql.SQL("create role {} login in role {}").format(role, sql.Identifier(group))
        )
        try:
            yield name
        finally:
            admin.execute(sql.SQL("drop role {}").format(role))


@pytest.fixture(scope="module")
def app(catalogue_database: str, server_url: str) -> Iterator[Connection]:
    """Yield a session of a login role whose only membership is skillmeat_app."""
    with (
        member_of("skillmeat_app", server_url) as name,
        skillmeat.connect(make_conninfo(catalogue_database, user=name), autocommit=True) as conn,
    ):
        yield conn


@pytest.fixture(scope="module")
def reader(catalogue_database: str, server_url: str) -> Iterator[Connection]:
    """Yield a session of a login role whose only membership is skillmeat_reader."""
    with (
        member_of("skillmeat_reader", server_url) as name,
        skillmeat.connect(make_conninfo(catalogue_database, user=name), autocommit=True) as conn,
    ):
        yield conn


@pytest.mark.parametrize("name", sorted(WRITES.keys() - {"repair"}))
def test_the_app_may_write(app: Connection, name: str) -> None:
    WRITES[name](app)

    assert list_count_drift(app) == ()


def test_the_app_may_read_everything(app: Connection) -> None:
    assert find_refused(app, READS) == set()


def test_the_app_may_not_repair(app: Connection) -> None:
    with pytest.raises(NotAllowed) as refused:
        WRITES["repair"](app)

    assert refused.value.sqlstate == "42501"


def test_a_reader_may_read_everything(reader: Connection) -> None:
    assert find_refused(reader, READS) == set()


def test_a_reader_may_not_write(reader: Connection) -> None:
    assert find_refused(reader, WRITES) == set(WRITES)


def find_refused(conn: Connection, calls: Mapping[str, Callable[[Connection], object]]) -> set[str]:
    """Make each call; return the names of those that the database refuses."""
    refused = set()
    for name, call in calls.items():
        try:
            call(conn)
        except NotAllowed:
            refused.add(name)
    return refused
