"""Add and update artifacts in bulk, by COPY."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from psycopg.types.json import Jsonb

from skillmeat.errors import translated
from skillmeat.query import Conn, one_row


@dataclass(frozen=True, slots=True)
class NewArtifact:
    """What the columns of an artifact shall be."""

    type: str
    name: str
    title: str | None = None
    description: str | None = None
    author: str | None = None
    license: str | None = None
    source: str | None = None
    origin: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Put:
    """How many artifacts were `added`, `updated` because a column differed, or `unchanged`."""

    added: int
    updated: int
    unchanged: int


STAGE: Final = """
    create temporary table incoming_artifacts (
        place bigint generated always as identity,
        type text collate "C",
        name text collate "C",
        title text,
        description text,
        author text,
        license text,
        source text,
        origin text,
        metadata jsonb
    )
    on commit drop
"""

COPY: Final = """
    copy pg_temp.incoming_artifacts (
        type, name, title, description, author, license, source, origin, metadata
    )
    from stdin
"""

# In the order of ids, so that two of these at once cannot wait for each other in a circle.
MERGE: Final = """
    with incoming as (
        select distinct on (type, name) *
        from pg_temp.incoming_artifacts
        order by type, name, place desc
    ),

    put as (
        insert into artifacts as a (
            type, name, title, description, author, license, source, origin, metadata
        )
        select type, name, title, description, author, license, source, origin, metadata
        from incoming
        order by type, name
        on conflict (id) do update
        set
            title = excluded.title,
            description = excluded.description,
            author = excluded.author,
            license = excluded.license,
            source = excluded.source,
            origin = excluded.origin,
            metadata = excluded.metadata
        where
            (a.title, a.description, a.author, a.license, a.source, a.origin, a.metadata)
            is distinct from (
                excluded.title, excluded.description, excluded.author, excluded.license,
                excluded.source, excluded.origin, excluded.metadata
            )
        -- A row that was there has the mark of the lock that ON CONFLICT took.
        returning a.xmax = 0 as is_new
    )

    select
        count(*) filter (where is_new) as added,
        count(*) filter (where not is_new) as updated,
        (select count(*) from incoming) - count(*) as unchanged
    from put
"""


def put_artifacts(conn: Conn, artifacts: Iterable[NewArtifact]) -> Put:
    """Add the artifacts that are not there and update those that differ, all or nothing.

    Of several with one type and name the last counts. Raises `UnknownKey` for a type that is no
    row of `artifact_types`, `InvalidValue` for a name that is none.
    """
    with translated(), conn.transaction():
        stage_artifacts(conn, artifacts)
        put = merge_artifacts(conn)
        conn.execute("drop table pg_temp.incoming_artifacts")
    return put


def stage_artifacts(conn: Conn, artifacts: Iterable[NewArtifact]) -> None:
    """Copy artifacts to `pg_temp.incoming_artifacts`, which lasts as long as the transaction."""
    conn.execute(STAGE)
    with conn.cursor() as cursor, cursor.copy(COPY) as copy:
        for each in artifacts:
            copy.write_row(
                (
                    each.type,
                    each.name,
                    each.title,
                    each.description,
                    each.author,
                    each.license,
                    each.source,
                    each.origin,
                    Jsonb(each.metadata),
                )
            )


def merge_artifacts(conn: Conn) -> Put:
    """Put what is staged into `artifacts`."""
    put = one_row(conn, Put, MERGE, {})
    assert put is not None  # noqa: S101 - the statement always returns a row
    return put
