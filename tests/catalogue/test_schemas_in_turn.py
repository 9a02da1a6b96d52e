"""A session that calls functions in several catalogues in turn keeps its prepared statements."""

from collections.abc import Callable, Iterator

import psycopg
import pytest
from psycopg import Connection

from skillmeat import migration
from skillmeat.catalogue import (
    create_collection,
    create_group,
    create_tag,
    create_token,
    edit_collection,
    edit_group,
)
from tests.catalogue.calls import READS, TOKENS
from tests.conftest import database

TIMES = 12
# Each takes a name that no other call takes.
NAMING: dict[str, Callable[[Connection, str], object]] = {
    "create_collection": lambda conn, name: create_collection(conn, name=name),
    "edit_collection": lambda conn, name: edit_collection(conn, "one", name=name),
    "create_group": lambda conn, name: create_group(conn, collection_id="one", name=name),
    "edit_group": lambda conn, name: edit_group(conn, "g", name=name),
    "create_tag": lambda conn, name: create_tag(conn, name=name),
    "create_token": lambda conn, name: create_token(conn, name=name),
}


@pytest.fixture(scope="module")
def two_catalogues(server_url: str, template: str) -> Iterator[str]:
    """Yield the URL of a database with two catalogues, each with a collection, group and tag."""
    with database(server_url, template=template) as url:
        migration.upgrade(url=url, schema="second")
        with psycopg.connect(url, autocommit=True) as conn:
            for schema in ("skillmeat", "second"):
                conn.execute(f"set search_path = {schema}, pg_temp")
                create_collection(conn, id="one", name="One")
                create_group(conn, id="g", collection_id="one", name="G")
                create_tag(conn, name="t")
                conn.execute("select refresh_artifact_summaries()")
        yield url


@pytest.fixture(scope="module")
def session(two_catalogues: str) -> Iterator[Connection]:
    """Yield a session of that database; each test prepares statements of its own."""
    with psycopg.connect(two_catalogues, autocommit=True) as conn:
        yield conn


@pytest.mark.parametrize("read", READS)
def test_a_function_reads_one_schema_after_the_other(session: Connection, read: str) -> None:
    for turn in range(TIMES):
        choose_schema(session, turn)
        READS[read](session)


@pytest.mark.parametrize("read", ["get_token_scopes", "list_tokens"])
def test_tokens_are_read_in_one_schema_after_the_other(session: Connection, read: str) -> None:
    for turn in range(TIMES):
        choose_schema(session, turn)
        TOKENS[read](session)


@pytest.mark.parametrize("call", NAMING)
def test_a_function_writes_to_one_schema_after_the_other(session: Connection, call: str) -> None:
    for turn in range(TIMES):
        choose_schema(session, turn)
        NAMING[call](session, f"{call} {turn}")


def choose_schema(session: Connection, turn: int) -> None:
    schema = ("skillmeat", "second")[turn % 2]
    session.execute(f"set search_path = {schema}, pg_temp")
