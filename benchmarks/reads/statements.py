"""Contenders that send one SQL statement for each request."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Final

from psycopg import Connection, Cursor
from psycopg.rows import namedtuple_row

from skillmeat import connect

# The artifacts of a page, from the tables.
ARTIFACTS: Final = """
    select * from artifacts where id > %(after)s order by id limit 50
"""
MEMBERS: Final = """
    select a.*
    from collection_artifacts as m
    inner join artifacts as a on a.id = m.artifact_id
    where m.collection_id = %(collection)s and m.artifact_id > %(after)s
    order by m.artifact_id
    limit 50
"""


@dataclass(frozen=True, slots=True)
class Statements:
    """One statement for each request."""

    page: str
    members: str
    collection: str
    collections: str


class StatementReader:
    """A reader by prepared statements."""

    def __init__(self, conn: Connection, statements: Statements) -> None:
        self._cursor: Cursor[Any] = conn.cursor(row_factory=namedtuple_row)
        self._statements = statements

    def page(self, after: str) -> list[Any]:
        """See `Reader`."""
        return self._rows(self._statements.page, {"after": after})

    def members(self, collection: str, after: str) -> list[Any]:
        """See `Reader`."""
        return self._rows(self._statements.members, {"collection": collection, "after": after})

    def collection(self, id: str) -> Any:  # noqa: A002, ANN401
        """See `Reader`."""
        return self._rows(self._statements.collection, {"id": id})[0]

    def collections(self, after: str) -> list[Any]:
        """See `Reader`."""
        return self._rows(self._statements.collections, {"after": after})

    def _rows(self, statement: str, values: dict[str, str]) -> list[Any]:
        return self._cursor.execute(statement.encode(), values, prepare=True).fetchall()


def make_statement_factory(
    statements: Statements,
) -> Callable[[str], AbstractContextManager[StatementReader]]:
    """Return a factory that opens a reader by these statements on a database."""

    @contextmanager
    def open_reader(url: str) -> Iterator[StatementReader]:
        with connect(url, autocommit=True) as conn:
            yield StatementReader(conn, statements)

    return open_reader


BARE: Final = Statements(
    page=ARTIFACTS,
    members=MEMBERS,
    collection="select * from collections where id = %(id)s",
    collections="select * from collections where id > %(after)s order by id limit 10",
)

OURS: Final = Statements(
    page="select * from artifact_summaries where id > %(after)s order by id limit 50",
    members="""
        select s.*
        from (
            select m.artifact_id
            from collection_artifacts as m
            where m.collection_id = %(collection)s and m.artifact_id > %(after)s
            order by m.artifact_id
            limit 50
        ) as page
        cross join lateral (
            select * from artifact_summaries as s where s.id = page.artifact_id offset 0
        ) as s
        order by s.id
    """,
    collection="select * from collection_summaries where id = %(id)s",
    collections="select * from collection_summaries where id > %(after)s order by id limit 10",
)

PLAIN_MATVIEWS: Final = Statements(
    page="select * from artifact_pages where id > %(after)s order by id limit 50",
    members="""
        select s.*
        from collection_artifacts as m
        inner join artifact_pages as s on s.id = m.artifact_id
        where m.collection_id = %(collection)s and m.artifact_id > %(after)s
        order by m.artifact_id
        limit 50
    """,
    collection="select * from collection_pages where id = %(id)s",
    collections="select * from collection_pages where id > %(after)s order by id limit 10",
)
