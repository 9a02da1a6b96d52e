"""Loads a catalogue by COPY into an empty, migrated schema, through the triggers."""

from collections.abc import Iterable
from typing import Final

from psycopg import Connection
from psycopg.sql import SQL, Identifier

from benchmarks.dataset.shape import Shape
from benchmarks.rounds import progress

# As a DBA loads: what a search reads is built afterwards, at once.
SEARCHED: Final = """
    select c.oid::regclass::text, pg_get_indexdef(c.oid)
    from pg_index as i
    inner join pg_class as c on c.oid = i.indexrelid
    inner join pg_am as m on m.oid = c.relam
    where m.amname = 'gin' and c.relnamespace = current_schema()::regnamespace
"""


def load(conn: Connection, shape: Shape) -> None:
    """Fill it, settle its counts, refresh its snapshot, vacuum; `conn` is in autocommit."""
    searched = conn.execute(SEARCHED).fetchall()
    for index, _ in searched:
        conn.execute(SQL("drop index {}").format(SQL(index)))
    _copy(conn, "artifacts", "type name description source metadata", shape.artifact_rows())
    _copy(conn, "collections", "id name", shape.collection_rows())
    _copy(conn, "collection_artifacts", "collection_id artifact_id", shape.membership_rows())
    _copy(conn, "tags", "id name slug", shape.tag_rows())
    _copy(conn, "artifact_tags", "artifact_id tag_id", shape.artifact_tag_rows())
    _copy(conn, "artifact_versions", "artifact_id content_hash version", shape.version_rows())
    for _, definition in searched:
        conn.execute(definition.encode())
    conn.execute("select settle_counts()")
    conn.execute("select refresh_artifact_summaries()")
    conn.execute("vacuum analyze")


def _copy(conn: Connection, table: str, columns: str, rows: Iterable[tuple[str, ...]]) -> None:
    copy = SQL("copy {} ({}) from stdin").format(
        Identifier(table), SQL(", ").join(map(Identifier, columns.split()))
    )
    with progress() as bar, conn.cursor() as cursor, cursor.copy(copy) as target:
        for row in bar.track(rows, description=f"loading {table}", total=None):
            target.write_row(row)
