"""The import of sources: it reads every path, then writes everything in one transaction."""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from skillmeat.catalogue import merge_artifacts
from skillmeat.database.query import (
    Conn,
    Statement,
    atomic,
    execute,
    fetch_all,
    fetch_one,
    fetch_scalar,
)
from skillmeat.errors import Retry, SourceError, UnknownKey
from skillmeat.importer import merge, record, staging, statements, tag_statements
from skillmeat.importer.identity import forget_source, record_sources, stage_removal
from skillmeat.importer.merge import LIST_CONFLICTS, merge_copies
from skillmeat.importer.prune import prune_removed
from skillmeat.importer.readers import Problem, Source, read_sources, summarize_problems
from skillmeat.importer.readers.text import format_count
from skillmeat.importer.record import record_artifacts, record_collections
from skillmeat.importer.report import (
    Conflict,
    ImportReport,
    RemovedCounts,
    RowCounts,
    SharedCollection,
    count_skipped,
)

OnProgress = Callable[[str, int, int], Any]
"""A callback that gets the step's name, the amount done and the total amount."""

_DELETED = "a row that the import refers to was deleted meanwhile: run the import again"
_WRITING = "writing"
_STEPS = 6


def import_paths(  # noqa: PLR0913 - each parameter is an option
    conn: Conn,
    paths: Iterable[str | os.PathLike[str]],
    *,
    join_default: bool = True,
    prune: bool = False,
    dry_run: bool = False,
    strict: bool = False,
    keep_content: bool = True,
    on_progress: OnProgress = lambda _what, _done, _total: None,
) -> ImportReport:
    """Make the catalogue agree with the sources at `paths`, all or nothing.

    Plugins become collections, and every artifact joins `default` unless `join_default` is False.
    Equal rows are left alone, so a second import of the same sources changes nothing. `prune`
    removes rows that an earlier import added and that the same sources no longer have. `dry_run`
    reports the changes and writes nothing. `strict` refuses sources with any problem.
    `keep_content` keeps the text of each content, up to 1 MiB, without the secrets of
    configurations. The import runs in its own transaction if the connection is in autocommit mode,
    else in the caller's. Imports wait for each other. Raises `SourceError` if a path holds nothing
    importable, and `DatabaseError`.
    """
    found: dict[tuple[str, str], Source] = {}
    for path in paths:
        for source in read_sources(
            path, on_progress=lambda done, total: on_progress("reading", done, total)
        ):
            found[source.kind, source.root] = source
    sources = list(found.values())
    if not sources:
        message = "nothing to import: name at least one folder"
        raise SourceError(message)

    try:
        with atomic(conn, force_rollback=dry_run):
            conn.execute(staging.CREATE)
            for number, source in enumerate(sources):
                staging.stage_source(conn, source, key=str(number), has_content=keep_content)
            problems = tuple(
                replace(problem, source=source.name)
                for source in sources
                for problem in source.problems
            )
            if strict and problems:
                message = f"strict import refused, {format_count(len(problems), 'problem')}: "
                raise SourceError(message + summarize_problems(problems))
            conn.execute(statements.WAIT_FOR_OTHER_IMPORTS)
            record_sources(conn, sources)
            return _write(
                conn,
                sources,
                problems,
                on_progress,
                join_default=join_default,
                prune=prune,
                dry_run=dry_run,
            )
    except UnknownKey as error:
        if error.constraint is None:
            raise
        raise Retry(_DELETED, sqlstate=error.sqlstate, constraint=error.constraint) from error


def remove_source(
    conn: Conn,
    source: str,
    *,
    dry_run: bool = False,
    on_progress: OnProgress = lambda _what, _done, _total: None,
) -> ImportReport:
    """Remove what only this source brought, by the rules of `prune`, and forget the source.

    `source` is the folder or the name of a recorded source; the folder may be gone. Raises
    `SourceError` unless exactly one source has it.
    """
    with atomic(conn, force_rollback=dry_run):
        conn.execute(staging.CREATE)
        conn.execute(statements.WAIT_FOR_OTHER_IMPORTS)
        recorded = stage_removal(conn, source)
        report = _write(conn, (), (), on_progress, join_default=False, prune=True, dry_run=dry_run)
        forget_source(conn, recorded)
    return replace(report, sources=(recorded.name,))


def _write(  # noqa: PLR0913 - each parameter is an option
    conn: Conn,
    sources: Sequence[Source],
    problems: tuple[Problem, ...],
    on_progress: OnProgress,
    *,
    join_default: bool,
    prune: bool,
    dry_run: bool,
) -> ImportReport:
    steps = 0

    def run(statement: Statement) -> int:
        nonlocal steps
        steps += 1
        on_progress(_WRITING, steps, _STEPS)
        return execute(conn, statement, {})

    def count(counted: Statement) -> int:
        return int(fetch_scalar(conn, counted, {}))

    on_progress(_WRITING, 0, _STEPS)
    collections_read = [collection for source in sources for collection in source.collections]
    merge_copies(conn)
    conn.execute(statements.FIND_NEW_VERSIONS)
    artifacts = fetch_one(conn, RowCounts, statements.COUNT_CHANGED_ARTIFACTS, {})
    merge_artifacts(conn)
    execute(conn, statements.LOCK_CONTENTS, {})
    contents_added = execute(conn, statements.ADD_CONTENTS, {})
    if fetch_scalar(conn, statements.IS_CONTENT_DELETED, {}):
        raise Retry(_DELETED)
    versions_added = run(statements.ADD_VERSIONS)
    run(tag_statements.ADD_TAGS)
    tags_added = run(tag_statements.ADD_ARTIFACT_TAGS)
    execute(conn, tag_statements.FIND_RESPELLED_TAGS, {})
    collections_added = run(statements.ADD_COLLECTIONS)
    if join_default:
        collections_added += execute(conn, statements.ADD_DEFAULT_COLLECTION, {})
    run(statements.FIND_PLUGIN_COLLECTIONS)
    changed = record_collections(conn)
    # A collection that a source lost and another source has counts as found if it changes.
    found = {each.id for each in collections_read} | changed
    collections = RowCounts(
        len(found | ({"default"} if join_default else set())), collections_added, len(changed)
    )
    run(statements.FIND_MEMBERSHIPS)
    if join_default:
        execute(conn, statements.JOIN_DEFAULT_COLLECTION, {})
    memberships = RowCounts(
        count(statements.COUNT_MEMBERSHIPS), execute(conn, statements.ADD_MEMBERSHIPS, {}), 0
    )
    removed = prune_removed(conn) if prune else RemovedCounts()
    record_artifacts(conn)
    tags = RowCounts(count(tag_statements.COUNT_ARTIFACT_TAGS), tags_added, 0)
    tags_respelled = execute(conn, tag_statements.RENAME_TAGS, {})
    if not dry_run:
        conn.execute(statements.ANALYZE_GROWN_TABLES)
    on_progress(_WRITING, _STEPS, _STEPS)
    report = ImportReport(
        sources=tuple(sorted({source.name for source in sources})),
        artifacts=artifacts,
        collections=collections,
        memberships=memberships,
        tags=tags,
        versions_added=versions_added,
        contents_added=contents_added,
        tags_respelled=tags_respelled,
        removed=removed,
        skipped=count_skipped(
            problems, {(source.name, each.id) for source in sources for each in source.collections}
        ),
        empty_collections=tuple(
            sorted({each.id for each in collections_read if not each.artifact_count})
        ),
        conflicts=fetch_all(conn, Conflict, LIST_CONFLICTS, {}),
        shared=fetch_all(conn, SharedCollection, statements.LIST_SHARED_COLLECTIONS, {}),
        problems=problems,
        omissions=tuple(
            replace(omission, source=source.name)
            for source in sources
            for omission in source.omissions
        ),
        dry_run=dry_run,
    )
    for statement in (statements.DROP, tag_statements.DROP, record.DROP, merge.DROP):
        conn.execute(statement)
    return report
