"""The identity of sources: a source is identified by its folder, not by its name or manifest."""
# ruff: noqa: PTH100 - Path.resolve() would follow the links that abspath() keeps

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Final

from skillmeat.database.query import Conn, execute, fetch_all, fetch_scalar
from skillmeat.errors import SourceError
from skillmeat.importer.readers import Source, manifest
from skillmeat.importer.readers.path_kind import CLAUDE
from skillmeat.importer.readers.text import escape

LIST: Final = """
    select
        s.id,
        s.kind,
        s.name,
        s.root,
        (
            select count(*)
            from source_collections as c
            where c.source_id = s.id and c.is_current
        ) as plugins,
        (
            select count(distinct a.artifact_id)
            from source_artifacts as a
            where a.source_id = s.id and a.is_current
        ) as artifacts
    from sources as s
    order by s.name, s.root
"""

ADD: Final = """
    insert into sources (kind, name, root) values (%(kind)s, %(name)s, %(root)s) returning id
"""

UPDATE: Final = """
    update sources
    set kind = %(kind)s, name = %(name)s, root = %(root)s
    where id = %(id)s and (kind, name, root) is distinct from (%(kind)s, %(name)s, %(root)s)
"""

# Two recorded sources are the same source now: move the rows of one to the other.
ABSORB_ARTIFACTS: Final = """
    update source_artifacts as r
    set source_id = %(id)s
    where
        r.source_id = %(absorbed)s
        and not exists (
            select
            from source_artifacts as o
            where o.source_id = %(id)s and o.plugin = r.plugin and o.artifact_id = r.artifact_id
        )
"""
ABSORB_COLLECTIONS: Final = """
    update source_collections as r
    set source_id = %(id)s
    where
        r.source_id = %(absorbed)s
        and not exists (
            select
            from source_collections as o
            where o.source_id = %(id)s and o.plugin = r.plugin
        )
"""
DELETE: Final = "delete from sources where id = %(absorbed)s"

ADD_KNOWN: Final = """
    insert into pg_temp.known_sources (source_key, source_id, name, root, is_staged)
    values (%(key)s, %(id)s, %(name)s, %(root)s, true)
"""
ADD_OTHERS: Final = """
    insert into pg_temp.known_sources (source_key, source_id, name, root, is_staged)
    select s.id, s.id, s.name, s.root, false
    from sources as s
"""


@dataclass(frozen=True, slots=True)
class RecordedSource:
    """A source that an earlier import recorded, and how much it brought last."""

    id: str
    kind: str
    name: str
    root: str
    """The real path of its folder, which may no longer exist."""
    plugins: int
    artifacts: int


@dataclass(slots=True)
class Match:
    """The recorded source of a source, and other recorded sources that are the same one now."""

    id: str | None = None
    absorbed: list[str] = field(default_factory=list)

    def add(self, recorded: RecordedSource) -> None:
        """Take over a recorded source."""
        if self.id is None:
            self.id = recorded.id
        else:
            self.absorbed.append(recorded.id)


def list_sources(conn: Conn) -> tuple[RecordedSource, ...]:
    """List the sources that imports of folders recorded, by name and folder."""
    return fetch_all(conn, RecordedSource, LIST, {})


def stage_removal(conn: Conn, source: str) -> RecordedSource:
    """Fill `pg_temp.known_sources` for a source that brings nothing now, by its folder or name.

    Raises `SourceError` unless exactly one recorded source has that folder or name.
    """
    sources = list_sources(conn)
    found = _find_by_folder(source, sources) or [each for each in sources if each.name == source]
    if len(found) != 1:
        reason = "several sources have" if found else "no source has"
        advice = "name a folder that `skillmeat sources list` shows"
        if found and len({each.root for each in found}) == 1:
            advice = "name " + " or ".join(f"{each.root}/{_get_part(each)}" for each in found)
        message = f"{reason} the name or folder {escape(source)}: {advice}"
        raise SourceError(message)
    (recorded,) = found
    execute(conn, ADD_KNOWN, {**asdict(recorded), "key": "0"})
    execute(conn, ADD_OTHERS, {})
    return recorded


def _find_by_folder(source: str, sources: Sequence[RecordedSource]) -> list[RecordedSource]:
    """Return the sources of a folder: of its .claude or .claude-plugin alone if that is given."""
    if "\0" in source:
        # No folder has a NUL in its name, and realpath() raises an error for it.
        return []
    given = {source, escape(os.path.realpath(source))}
    parts = {*given, escape(os.path.abspath(source))}
    return [each for each in sources if each.root in given] or [
        each for each in sources if f"{each.root}/{_get_part(each)}" in parts
    ]


def _get_part(source: RecordedSource) -> str:
    """Return what a user names in place of the source's folder, which may be two sources."""
    return CLAUDE if source.kind == "claude" else manifest.FOLDER


def forget_source(conn: Conn, source: RecordedSource) -> None:
    """Forget what the source brought."""
    execute(conn, DELETE, {"absorbed": source.id})


def record_sources(conn: Conn, sources: Sequence[Source]) -> None:
    """Record the sources of an import, and fill `pg_temp.known_sources`.

    The number of a source in `sources`, from 0, is its key.
    """
    matches = match_sources(sources, list_sources(conn))
    for match in matches:
        for absorbed in match.absorbed:
            for statement in (ABSORB_ARTIFACTS, ABSORB_COLLECTIONS, DELETE):
                execute(conn, statement, {"id": match.id, "absorbed": absorbed})
    for number, (source, match) in enumerate(zip(sources, matches, strict=True)):
        columns = {"kind": source.kind, "name": source.name, "root": escape(source.root)}
        if match.id is None:
            match.id = fetch_scalar(conn, ADD, columns)
        else:
            execute(conn, UPDATE, {**columns, "id": match.id})
        execute(conn, ADD_KNOWN, {**columns, "key": str(number), "id": match.id})
    execute(conn, ADD_OTHERS, {})


def match_sources(
    sources: Sequence[Source], recorded: Sequence[RecordedSource]
) -> tuple[Match, ...]:
    """Find the recorded source of each source.

    It has the same folder, even if it got another name, or a manifest. If only a part of the folder
    was named, it is not known whether the folder's other sources are gone. A folder that moved is
    known by its name: the recorded folder no longer exists, and the name is the one in a manifest.
    The name of a Claude folder is its path.
    """
    matches = tuple(Match() for _ in sources)
    rest = list(recorded)
    for is_same in (_has_same_root_and_kind, _has_changed_kind, _has_moved):
        for source, match in zip(sources, matches, strict=True):
            for each in [each for each in rest if is_same(source, each)]:
                match.add(each)
                rest.remove(each)
    return matches


def _has_same_root_and_kind(source: Source, recorded: RecordedSource) -> bool:
    return _has_same_root(source, recorded) and source.kind == recorded.kind


def _has_same_root(source: Source, recorded: RecordedSource) -> bool:
    return escape(source.root) == recorded.root


def _has_changed_kind(source: Source, recorded: RecordedSource) -> bool:
    return _has_same_root(source, recorded) and not source.is_part


def _has_moved(source: Source, recorded: RecordedSource) -> bool:
    return (
        source.name == recorded.name
        and "claude" not in {source.kind, recorded.kind}
        and not os.path.lexists(recorded.root)
    )
