"""The import of SkillMeat's own data: it reads every file, then writes in one transaction."""

from collections.abc import Callable
from typing import Any

from skillmeat.database.query import Conn, Statement, atomic, execute, fetch_scalar
from skillmeat.errors import SourceError
from skillmeat.importer.readers.skillmeat import (
    Note,
    SkillMeatData,
    SkillMeatFiles,
    read_skillmeat,
)
from skillmeat.importer.report import RowCounts, SkillMeatReport, TableCounts
from skillmeat.importer.skillmeat import staging, statements, version_statements
from skillmeat.importer.skillmeat.conflicts import resolve_conflicts
from skillmeat.importer.skillmeat.count_check import compare_counts
from skillmeat.importer.skillmeat.tables import (
    COLLECTIONS,
    GROUPS,
    TAGS,
    TEMPLATES,
    StagedTable,
)
from skillmeat.importer.statements import ANALYZE_GROWN_TABLES, WAIT_FOR_OTHER_IMPORTS

OnProgress = Callable[[str, int, int | None], Any]
"""A callback that gets the step's name, the amount done, and the total amount if it is known."""

_WRITING = "writing"
_STEPS = 9
_LISTED = 3


def import_skillmeat(
    conn: Conn,
    files: SkillMeatFiles,
    *,
    dry_run: bool = False,
    strict: bool = False,
    on_progress: OnProgress = lambda _what, _done, _total: None,
) -> SkillMeatReport:
    """Import everything in `files`, all or nothing; a second import changes nothing.

    Ids, names, times, groups, tags and members are imported unchanged. If a row exists already, the
    newer row stays. The import never removes a row. `dry_run` reports the changes and writes
    nothing. `strict` refuses data that cannot be imported unchanged. The import runs in its own
    transaction if the connection is in autocommit mode, else in the caller's. Raises `SourceError`,
    `DatabaseError`.
    """
    data = read_skillmeat(
        files, on_progress=lambda done, total: on_progress("reading", done, total)
    )
    with atomic(conn, force_rollback=dry_run):
        conn.execute(WAIT_FOR_OTHER_IMPORTS)
        resolved = resolve_conflicts(conn, data)
        adjusted = (*data.adjusted, *resolved.adjusted)
        if strict and (data.not_imported or adjusted):
            raise SourceError(_explain_refusal((*data.not_imported, *adjusted)))
        staging.stage_data(conn, data, resolved)
        tables = _write(conn, data, on_progress)
        compared, differences = compare_counts(conn, data, resolved)
        for statement in (staging.DROP, statements.DROP, version_statements.DROP):
            conn.execute(statement)
        if not dry_run:
            conn.execute(ANALYZE_GROWN_TABLES)
    return SkillMeatReport(tables, compared, differences, data.not_imported, adjusted, dry_run)


def _write(conn: Conn, data: SkillMeatData, on_progress: OnProgress) -> TableCounts:
    step = 0

    def run(*parts: Statement) -> int:
        return sum(execute(conn, part, {}) for part in parts)

    def write_table(table: StagedTable, found: int) -> RowCounts:
        run(table.release_names())
        added = run(table.insert())
        updated = run(table.update())
        run(table.restore_times())
        return report(RowCounts(found, added, updated))

    def report(counts: RowCounts) -> RowCounts:
        nonlocal step
        step += 1
        on_progress(_WRITING, step, _STEPS)
        return counts

    on_progress(_WRITING, 0, _STEPS)
    run(statements.ADD_TYPES, statements.FIND_CHANGED_ARTIFACTS)
    artifacts = report(
        RowCounts(
            len(data.artifacts),
            run(statements.ADD_ARTIFACTS),
            run(statements.UPDATE_ARTIFACTS),
        )
    )
    run(statements.RESTORE_ARTIFACT_TIMES)
    versions = report(_write_versions(conn))
    tags = write_table(TAGS, len(data.tags))
    artifact_tags = report(RowCounts(len(data.artifact_tags), run(statements.ADD_ARTIFACT_TAGS), 0))
    collections = write_table(COLLECTIONS, len(data.collections))
    memberships = report(
        RowCounts(
            len(data.memberships),
            run(statements.ADD_MEMBERSHIPS),
            run(statements.UPDATE_MEMBERSHIP_TIMES),
        )
    )
    run(statements.REMOVE_FROM_MOVED_GROUPS)
    groups = write_table(GROUPS, len(data.groups))
    group_artifacts = report(
        RowCounts(
            len(data.group_artifacts),
            run(statements.ADD_GROUP_ARTIFACTS),
            run(statements.UPDATE_GROUP_ARTIFACTS),
        )
    )
    templates = write_table(TEMPLATES, len(data.templates))
    run(*statements.KEEP_ROWS)
    return TableCounts(
        artifacts,
        versions,
        tags,
        artifact_tags,
        collections,
        memberships,
        groups,
        group_artifacts,
        templates,
    )


def _write_versions(conn: Conn) -> RowCounts:
    execute(conn, version_statements.FIND_RESTORED_VERSIONS, {})
    added = sum(
        execute(conn, statement, {})
        for statement in (
            version_statements.ADD_VERSIONS,
            version_statements.ADD_DEPLOYED_VERSIONS,
            version_statements.RESTORE_VERSIONS,
            version_statements.ADD_DECLARED_VERSIONS,
        )
    )
    return RowCounts(int(fetch_scalar(conn, version_statements.COUNT_VERSIONS, {})), added, 0)


def _explain_refusal(notes: tuple[Note, ...]) -> str:
    listed = "; ".join(f"{note.what} {note.reason}" for note in notes[:_LISTED])
    more = f"; and {len(notes) - _LISTED} more" if len(notes) > _LISTED else ""
    return f"strict import refused, {len(notes)} things would change or be lost: {listed}{more}"
