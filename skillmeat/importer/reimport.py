"""The import of recorded sources again, each from the folder that an earlier import read."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from skillmeat.database.query import Conn, fetch_all
from skillmeat.errors import SourceError
from skillmeat.importer.readers import find_locations
from skillmeat.importer.readers.path_kind import CLAUDE
from skillmeat.importer.report import ImportReport
from skillmeat.importer.run import import_paths
from skillmeat.importer.statements import FIND_DEFAULT_COLLECTION

# ruff: noqa: S608 - the f-string joins constants only

# A folder may be two sources: a marketplace and a project. It is imported once.
LIST: Final = f"""
    select
        string_agg(s.name, ', ' order by s.name) as name,
        s.root,
        bool_or(
            exists (
                select
                from source_artifacts as a
                inner join collection_artifacts as m on m.artifact_id = a.artifact_id
                where a.source_id = s.id and m.collection_id = ({FIND_DEFAULT_COLLECTION})
            )
        ) as joins_default,
        bool_or(
            exists (
                select
                from source_artifacts as a
                inner join artifact_contents as c on c.content_hash = a.content_hash
                where a.source_id = s.id
            )
        ) as keeps_content,
        not exists (
            select from sources as o where o.root = s.root and o.kind <> 'claude'
        ) as is_claude
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
    group by s.root
    order by name, s.root
"""


@dataclass(frozen=True, slots=True)
class _Recorded:
    name: str
    root: str
    joins_default: bool
    keeps_content: bool
    is_claude: bool
    """Whether its folder was not imported as a marketplace or a plugin."""


@dataclass(frozen=True, slots=True)
class Reimport:
    """The import of one recorded folder: its report, or the error that refused it."""

    source: str
    """The name of the source, or of both if the folder is two."""
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
            [_get_path(recorded)],
            join_default=recorded.joins_default,
            keep_content=recorded.keeps_content,
        )
    except SourceError as error:
        return Reimport(recorded.name, error=str(error).partition("\n")[0])
    return Reimport(recorded.name, report)


def _get_path(recorded: _Recorded) -> Path:
    """Return the folder, or its .claude if only that was imported of it."""
    folder = Path(recorded.root)
    is_part = recorded.is_claude and len(find_locations(folder)) > 1
    return folder / CLAUDE if is_part else folder
