"""The connections of the HTTP server, of which there is one bound."""

import asyncio
from threading import Event, Thread
from typing import Any

from psycopg import Connection

from skillmeat.api.shared_pool import SharedPool

closing, connected = Event(), Event()


class SlowlyClosed(Connection[Any]):
    """A connection whose end takes until another one is open."""

    def close(self) -> None:
        closing.set()
        connected.wait(10)
        super().close()


class Database:
    """A database to which the pool connects."""

    is_closed = False

    def __init__(self, url: str, connection: type[Connection[Any]]) -> None:
        self.url = url
        self.connection = connection

    def connect(self) -> Connection[Any]:
        return self.connection.connect(self.url, autocommit=True)


def test_a_request_connects_while_idle_connections_are_closed(url: str) -> None:
    async def use() -> int:
        pool = SharedPool(1, timeout=5)
        await pool.run(Database(url, SlowlyClosed), lambda conn: conn.execute("select"))
        cleaner = Thread(target=pool.close_idle, kwargs={"longer_than": 0})
        cleaner.start()
        closing.wait(10)
        await pool.run(Database(url, Connection), lambda conn: conn.execute("select"))
        connected.set()
        cleaner.join()
        pool.close_idle(longer_than=0)
        return pool.open

    assert asyncio.run(use()) == 0
