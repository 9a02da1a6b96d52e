"""The import of recorded sources again, each from the folder that an earlier import read."""

from dataclasses import dataclass
from typing import Final

from skillmeat.database.query import Conn, fetch_all
from skillmeat.errors import SourceError
from skillmeat.importer.report import ImportReport
from skillmeat.importer.run import import_paths

LIST: Final = """
    select
        s.name,
        s.root,
        exists (
            select
            from source_artifacts as a
            inner join collection_artifacts as m on m.artifact_id = a.artifact_id
            where a.source_id = s.id and m.collection_id = 'default'
        ) as joins_default,
        exists (
            select
            from source_artifacts as a
            inner join artifact_contents as c on c.content_hash = a.content_hash
            where a.source_id = s.id
        ) as keeps_content
    from sources as s
    where
        %(collection)s::text is null
        or exists (
            select
            from source_collections as c
            where c.source_id = s.id and c.collection_id = %(collection)s
        )
        or exists (
            select
            from source_artifacts as a
            inner join collection_artifacts as m on m.artifact_id = a.artifact_id
            where a.source_id = s.id and a.is_current and m.collection_id = %(collection)s
        )
    order by s.name, s.root
"""


@dataclass(frozen=True, slots=True)
class _Recorded:
    name: str
    root: str
    joins_default: bool
    keeps_content: bool


@dataclass(frozen=True, slots=True)
class Reimport:
    """The import of one recorded source: its report, or the error that refused it."""

    source: str
    report: ImportReport | None = None
    error: str | None = None


def import_again(conn: Conn, *, collection: str | None = None) -> tuple[Reimport, ...]:
    """Import the recorded sources again, each all or nothing; remove nothing.

    `collection` is the id of a collection, and chooses the sources that have an artifact in it.
    A source joins `default` and keeps its texts if it did so before. A folder that is gone is an
    error of that source, not of the others. Raises `DatabaseError`.
    """
    return tuple(
        _import_one(conn, recorded)
        for recorded in fetch_all(conn, _Recorded, LIST, {"collection": collection})
    )


def _import_one(conn: Conn, recorded: _Recorded) -> Reimport:
    try:
        report = import_paths(
            conn,
            [recorded.root],
            join_default=recorded.joins_default,
            keep_content=recorded.keeps_content,
        )
    except SourceError as error:
        return Reimport(recorded.name, error=str(error).partition("\n")[0])
    return Reimport(recorded.name, report)
