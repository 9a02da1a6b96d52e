"""Bulk writes: add and update artifacts by COPY."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from psycopg.types.json import Jsonb

from skillmeat.database.query import Conn, atomic, fetch_one
from skillmeat.errors import Duplicate, UnknownArtifactType


@dataclass(frozen=True, slots=True)
class NewArtifact:
    """The columns of an artifact to add or update."""

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
class PutResult:
    """How many artifacts were `added`, `updated` because a column differed, or `unchanged`."""

    added: int
    updated: int
    unchanged: int


STAGE: Final = """
    create temporary table incoming_artifacts (
        ordinal bigint generated always as identity,
        type text collate "C",
        name text collate "C",
        title text,
        description text,
        author text,
        license text,
        source text,
        origin text,
        metadata jsonb,
        is_imported boolean not null default false
    )
    on commit drop
"""

COPY: Final = """
    copy pg_temp.incoming_artifacts (
        type, name, title, description, author, license, source, origin, metadata
    )
    from stdin
"""

# Rows are written in the order of ids: two of these statements cannot deadlock. Rows that do not
# differ are not locked.
MERGE: Final = """
    with incoming as (
        select distinct on (type, name) *
        from pg_temp.incoming_artifacts
        order by type, name, ordinal desc
    ),

    unknown_types as (
        select distinct i.type
        from pg_temp.incoming_artifacts as i
        where not exists (select from artifact_types as t where t.type = i.type)
    ),

    written as (
        insert into artifacts as a (
            type, name, title, description, author, license, source, origin, metadata, is_imported
        )
        select
            i.type, i.name, i.title, i.description, i.author, i.license, i.source, i.origin,
            i.metadata, i.is_imported
        from incoming as i
        left join artifacts as o on o.id = i.type || ':' || i.name
        where
            not exists (select from unknown_types)
            and (
                o.id is null
                or (o.title, o.description, o.author, o.license, o.source, o.origin, o.metadata)
                is distinct from
                (i.title, i.description, i.author, i.license, i.source, i.origin, i.metadata)
            )
        order by i.type, i.name
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
        -- ON CONFLICT locks an existing row, and the lock sets xmax.
        returning a.xmax = 0 as is_new
    )

    select
        array(select u.type from unknown_types as u order by u.type) as unknown_types,
        count(*) filter (where is_new) as added,
        count(*) filter (where not is_new) as updated,
        (select count(*) from incoming) - count(*) as unchanged
    from written
"""


@dataclass(frozen=True, slots=True)
class _MergeOutcome:
    unknown_types: list[str]
    added: int
    updated: int
    unchanged: int


def put_artifacts(conn: Conn, artifacts: Iterable[NewArtifact]) -> PutResult:
    """Add new artifacts and update those that differ, all or none.

    If several have the same type and name, the last one counts. Raises `UnknownArtifactType`, which
    names every type that `artifact_types` lacks, and `InvalidValue` for a name that is not allowed.
    """
    with atomic(conn):
        stage_artifacts(conn, artifacts)
        result = merge_artifacts(conn)
        conn.execute("drop table pg_temp.incoming_artifacts")
    return result


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


def merge_artifacts(conn: Conn) -> PutResult:
    """Add and update the staged artifacts. Raises `UnknownArtifactType`."""
    while (outcome := _merge_once(conn)) is None:
        pass
    if outcome.unknown_types:
        raise UnknownArtifactType.from_ids(*outcome.unknown_types)
    return PutResult(outcome.added, outcome.updated, outcome.unchanged)


def _merge_once(conn: Conn) -> _MergeOutcome | None:
    """Merge, or return None if another session has added one of the artifacts meanwhile.

    ON CONFLICT waits only on the unique index of ids. If both sessions found an id free, the second
    one may violate the other unique index. The first has committed by then: the next try sees it.
    """
    try:
        with conn.transaction():
            return fetch_one(conn, _MergeOutcome, MERGE, {})
    except Duplicate as error:
        if error.constraint != "artifacts_type_name_idx":
            raise
        return None
