"""The tables of a catalogue that its other copy receives, and the publications that send them.

docs/how-to/replicate-logically.md follows these lists, and a test compares them.
"""

from typing import Final

from psycopg.sql import SQL, Composed, Identifier

from skillmeat.database.query import Conn
from skillmeat.models import Base
from skillmeat.moving.side import run

# They describe the snapshot and the schema of one copy.
LOCAL_TABLES: Final = frozenset({"alembic_version", "last_refresh"})
# A refresh deletes the changes that its own snapshot has absorbed, which another copy still needs.
INSERT_ONLY_TABLES: Final = ("artifact_changes",)

DROP: Final = SQL("drop publication if exists {}, {}")
CREATE: Final = SQL("create publication {} for table {}")
CREATE_INSERT_ONLY: Final = SQL("create publication {} for table {} with (publish = 'insert')")


def list_copied_tables() -> tuple[str, ...]:
    """List the tables of which the other copy receives every change, in the order of their names.

    They include the pending counts: no statement trigger fires when a subscriber applies rows.
    """
    apart = LOCAL_TABLES.union(INSERT_ONLY_TABLES)
    return tuple(sorted(Base.metadata.tables.keys() - apart))


def name_publications(schema: str) -> tuple[str, str]:
    """Name the publication of the copied tables, and that of the tables with inserts only."""
    # Of a schema's 56 bytes, PostgreSQL's 63 leave seven.
    return f"{schema}_moving", f"{schema}_mv_log"


def create_publications(conn: Conn, schema: str) -> None:
    """Create both publications of the catalogue; replace those of an earlier attempt."""
    copied, logged = name_publications(schema)
    with conn.transaction():
        drop_publications(conn, schema)
        run(conn, CREATE.format(Identifier(copied), join_names(list_copied_tables())))
        run(conn, CREATE_INSERT_ONLY.format(Identifier(logged), join_names(INSERT_ONLY_TABLES)))


def drop_publications(conn: Conn, schema: str) -> None:
    """Drop both publications, if they exist."""
    run(conn, DROP.format(*map(Identifier, name_publications(schema))))


def join_names(names: tuple[str, ...]) -> Composed:
    """Join names to a list of identifiers."""
    return SQL(", ").join(map(Identifier, names))
