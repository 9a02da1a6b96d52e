"""A side of a move, in a schema of any name."""

from psycopg import connect
from psycopg.sql import SQL, Identifier

from skillmeat.moving.side import open_side

SCHEMA = 'Ten "% ant'


def test_a_schema_of_any_name_has_an_identity_until_it_is_dropped(url: str) -> None:
    with connect(url, autocommit=True) as conn, open_side(url, schema=SCHEMA, name="copy") as side:
        before = side.read_identity()
        conn.execute(SQL("create schema {}").format(Identifier(SCHEMA)))
        identity = side.read_identity()

    assert before.endswith("/")
    assert identity.startswith(before)
    assert identity != before
