"""A server over an empty catalogue for each test, or over a small one for all that only read."""

from collections.abc import Iterator

import httpx
import pytest
from psycopg import Connection

from tests.api.serving import Running, serving


@pytest.fixture
def server(url: str) -> Iterator[Running]:
    """A server without tokens over an empty catalogue."""
    with serving(url) as running:
        yield running


@pytest.fixture
def client(server: Running) -> Iterator[httpx.Client]:
    """Its client."""
    with server.client() as opened:
        yield opened


@pytest.fixture
def artifacts(conn: Connection) -> list[str]:
    """Six artifacts of an otherwise empty catalogue."""
    conn.execute(
        """
        insert into artifacts (type, name)
        select t, n from unnest(array['agent', 'skill']) as t, unnest(array['a', 'b', 'c']) as n
        """
    )
    return ["agent:a", "agent:b", "agent:c", "skill:a", "skill:b", "skill:c"]
