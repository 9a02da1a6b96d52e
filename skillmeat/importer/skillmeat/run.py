"""Reads what SkillMeat keeps, then writes everything in one transaction."""

from collections.abc import Callable
from typing import Any

from skillmeat.errors import SourceError
from skillmeat.importer import statements as imports
from skillmeat.importer.readers.skillmeat import Holdings, Note, Places, read
from skillmeat.importer.report import RowCounts
from skillmeat.importer.skillmeat import statements
from skillmeat.importer.skillmeat.conflicts import resolve
from skillmeat.importer.skillmeat.count_check import compare
from skillmeat.importer.skillmeat.report import Adopted, Kinds
from skillmeat.importer.skillmeat.staging import stage
from skillmeat.importer.skillmeat.tables import COLLECTIONS, GROUPS, TAGS, TEMPLATES, Table
from skillmeat.query import Conn, Statement, affected, all_or_nothing, scalar

OnProgress = Callable[[str, int, int | None], Any]
"""Is told what is being done, how much of it is, and of how much, if that is known."""

_WRITING = "writing"
_STEPS = 9


def adopt(
    conn: Conn,
    places: Places,
    *,
    dry_run: bool = False,
    strict: bool = False,
    on_progress: OnProgress = lambda _what, _done, _total: None,
) -> Adopted:
    """Take over everything at `places`, all or nothing; a second time changes nothing.

    Ids, names, times, groups, tags and members arrive as they are; of a row that is here already
    the newer one is believed. Nothing is ever removed. `dry_run` reports and writes nothing;
    `strict` refuses what cannot arrive as it is. Runs in a transaction of its own where the
    connection is in autocommit, else in the caller's. Raises `SourceError`, `DatabaseError`.
    """
    holdings = read(places, on_progress=lambda done, total: on_progress("reading", done, total))
    with all_or_nothing(conn, force_rollback=dry_run):
        conn.execute(imports.WAIT_FOR_OTHER_IMPORTS)
        resolved = resolve(conn, holdings)
        mended = (*holdings.mended, *resolved.mended)
        if strict and (holdings.left or mended):
            raise SourceError(_refusal((*holdings.left, *mended)))
        stage(conn, holdings, resolved)
        kinds = _write(conn, holdings, on_progress)
        compared, differing = compare(conn, holdings, resolved)
        conn.execute(statements.DROP)
    return Adopted(kinds, compared, differing, holdings.left, mended, dry_run)


def _write(conn: Conn, holdings: Holdings, on_progress: OnProgress) -> Kinds:
    step = 0

    def run(*parts: Statement) -> int:
        return sum(affected(conn, part, {}) for part in parts)

    def rows(table: Table, found: int) -> RowCounts:
        run(table.make_way())
        added = run(table.insert())
        updated = run(table.update())
        run(table.restore_times())
        return told(RowCounts(found, added, updated))

    def told(tally: RowCounts) -> RowCounts:
        nonlocal step
        step += 1
        on_progress(_WRITING, step, _STEPS)
        return tally

    on_progress(_WRITING, 0, _STEPS)
    run(statements.ADD_TYPES, statements.WANTED_ARTIFACTS)
    artifacts = told(
        RowCounts(
            len(holdings.artifacts),
            run(statements.ADD_ARTIFACTS),
            run(statements.UPDATE_ARTIFACTS),
        )
    )
    run(statements.RESTORE_ARTIFACT_TIMES)
    run(statements.KEPT_VERSIONS)
    added = run(
        statements.ADD_VERSIONS,
        statements.ADD_DEPLOYED,
        statements.KEEP_LATEST,
        statements.ADD_LATEST,
    )
    versions = told(RowCounts(int(scalar(conn, statements.COUNT_VERSIONS, {})), added, 0))
    tags = rows(TAGS, len(holdings.tags))
    taggings = told(RowCounts(len(holdings.taggings), run(statements.ADD_TAGGINGS), 0))
    collections = rows(COLLECTIONS, len(holdings.collections))
    memberships = told(
        RowCounts(
            len(holdings.memberships),
            run(statements.ADD_MEMBERSHIPS),
            run(statements.DATE_MEMBERSHIPS),
        )
    )
    run(statements.LEAVE_GROUPS)
    groups = rows(GROUPS, len(holdings.groups))
    placements = told(
        RowCounts(
            len(holdings.placements),
            run(statements.ADD_PLACEMENTS),
            run(statements.UPDATE_PLACEMENTS),
        )
    )
    templates = rows(TEMPLATES, len(holdings.templates))
    return Kinds(
        artifacts,
        versions,
        tags,
        taggings,
        collections,
        memberships,
        groups,
        placements,
        templates,
    )


_NAMED = 3


def _refusal(notes: tuple[Note, ...]) -> str:
    named = "; ".join(f"{note.what} {note.reason}" for note in notes[:_NAMED])
    more = f"; and {len(notes) - _NAMED} more" if len(notes) > _NAMED else ""
    return f"strict, and {len(notes)} things cannot arrive as they are: {named}{more}"
