"""The tables and columns of cache.db that are read, and notes on the data that is not."""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from skillmeat.errors import SourceError
from skillmeat.importer.readers.skillmeat.model import Note
from skillmeat.importer.readers.text import escape, format_count


@dataclass(frozen=True, slots=True)
class SourceTable:
    """A table: the columns that are read, that it must have, and that are ignored."""

    name: str
    keys: tuple[str, ...]
    columns: tuple[str, ...] = ()
    either: tuple[str, ...] = ()
    """It must have at least one of these columns."""
    derived: frozenset[str] = frozenset()
    """Columns that SkillMeat derives from its other data: ignored."""

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Every column that is read, in this order."""
        return self.keys + self.either + self.columns


_TIMES = ("created_at", "updated_at")
_REFERENCES = ("artifact_id", "artifact_uuid")

TABLES: Final = {
    table.name: table
    for table in (
        SourceTable(
            "artifacts",
            ("name", "type"),
            (
                *("id", "uuid", "project_id", "source", "deployed_version", "upstream_version"),
                *("path_pattern", "auto_load", "category", "content_hash", "description"),
                *("target_platforms", *_TIMES),
                *("owner_id", "owner_type", "visibility"),
            ),
            derived=frozenset(("is_outdated", "local_modified")),
        ),
        SourceTable(
            "artifact_metadata",
            ("artifact_id",),
            ("metadata", "description", "tags", "aliases"),
        ),
        SourceTable(
            "artifact_versions",
            ("artifact_id", "content_hash"),
            ("id", "parent_hash", "change_origin", "version_lineage", "created_at", "metadata"),
        ),
        SourceTable("tags", ("id", "name"), ("slug", "color", *_TIMES)),
        SourceTable("artifact_tags", ("tag_id",), ("created_at",), either=_REFERENCES),
        SourceTable(
            "collections",
            ("id", "name"),
            ("description", "created_by", "collection_type", "context_category", *_TIMES),
        ),
        SourceTable(
            "collection_artifacts",
            ("collection_id",),
            (
                *("added_at", "description", "author", "license", "tags_json", "tools_json"),
                *("deployments_json", "version", "artifact_content_hash", "source", "origin"),
                *("origin_source", "resolved_sha", "resolved_version", "synced_at"),
            ),
            either=_REFERENCES,
            derived=frozenset(
                ("artifact_structure_hash", "artifact_file_count", "artifact_total_size")
            ),
        ),
        SourceTable(
            "groups",
            ("id", "collection_id", "name"),
            ("description", "tags_json", "color", "icon", "position", *_TIMES),
        ),
        SourceTable("group_artifacts", ("group_id",), ("position", "added_at"), either=_REFERENCES),
        SourceTable(
            "project_templates",
            ("id", "name"),
            ("description", "collection_id", *_TIMES),
        ),
    )
}

# SkillMeat's defaults, which are not imported.
DEFAULTS: Final = {"owner_type": "user", "visibility": "private"}

_IGNORED_TABLES = frozenset(("alembic_version", "schema_migrations"))


@dataclass(frozen=True, slots=True)
class Schema:
    """The tables of a file, and the columns of each."""

    columns: dict[str, tuple[str, ...]]

    def has(self, table: SourceTable) -> bool:
        """Return whether the file has the columns that `table` must have."""
        found = self.columns.get(table.name, ())
        return set(table.keys) <= set(found) and (
            not table.either or not set(table.either).isdisjoint(found)
        )


def read_schema(conn: sqlite3.Connection, path: str) -> Schema:
    """Read the tables and their columns. Raises `SourceError` if they are not SkillMeat's."""
    names = [
        str(name)
        for (name,) in conn.execute(
            "select name from sqlite_master where type = 'table' and name not like 'sqlite\\_%'"
            " escape '\\' order by name"
        )
    ]
    schema = Schema({name: _read_columns(conn, name) for name in names})
    has_collections = schema.has(TABLES["collections"]) and schema.has(
        TABLES["collection_artifacts"]
    )
    has_artifacts = schema.has(TABLES["artifacts"]) and "projects" in schema.columns
    if not has_collections and not has_artifacts:
        message = (
            f"{escape(path)} is a database, but not SkillMeat's: it has neither the tables "
            "collections and collection_artifacts nor artifacts and projects"
        )
        raise SourceError(message)
    return schema


def read_rows(
    conn: sqlite3.Connection, schema: Schema, name: str, *, order: Sequence[str] = ()
) -> Iterator[dict[str, object]]:
    """Yield the rows of a known table in `order`; a column that the file lacks is None."""
    table = TABLES[name]
    if not schema.has(table):
        return
    found = set(schema.columns[name])
    columns = [_quote(column) if column in found else "null" for column in table.columns_read]
    ordered = [column for column in order if column in found]
    statement = f"select {', '.join(columns)} from {_quote(name)}"  # noqa: S608 - quoted
    if ordered:
        statement += f" order by {', '.join(map(_quote, ordered))}"
    for row in conn.execute(statement):
        yield dict(zip(table.columns_read, row, strict=True))


def list_unread(conn: sqlite3.Connection, schema: Schema) -> Iterator[Note]:
    """Yield a note for each table and column with data that is not read."""
    for name, columns in schema.columns.items():
        table = TABLES.get(name)
        if table is None or not schema.has(table):
            if name not in _IGNORED_TABLES:
                yield from _note_unread_table(conn, name, lacks_keys=table is not None)
            continue
        for column in columns:
            if column not in table.columns_read and column not in table.derived:
                yield from _note_unread_column(conn, name, column)


def _note_unread_table(conn: sqlite3.Connection, name: str, *, lacks_keys: bool) -> Iterator[Note]:
    try:
        (count,) = conn.execute(f"select count(*) from {_quote(name)}").fetchone()  # noqa: S608 - quoted
    except sqlite3.OperationalError as error:
        yield Note(f"table {escape(name)}", f"cannot be read: {escape(str(error))}")
        return
    if lacks_keys:
        yield Note(
            f"table {name}",
            f"lacks columns that are needed to identify its {format_count(count, 'row')}",
        )
    elif count:
        yield Note(
            f"table {escape(name)}",
            f"{format_count(count, 'row')}: the catalogue has no place for them",
        )


def _note_unread_column(conn: sqlite3.Connection, name: str, column: str) -> Iterator[Note]:
    quoted = _quote(column)
    # An old file may hold texts in place of numbers, so the statement compares with both.
    statement = (
        f"select count(*) from {_quote(name)} where {quoted} is not null"  # noqa: S608 - quoted
        f" and {quoted} not in (0, '', '0', '[]', '{{}}', 'null', ?)"
    )
    (count,) = conn.execute(statement, (DEFAULTS.get(column, ""),)).fetchone()
    if count:
        values = format_count(count, "value")
        yield Note(
            f"column {name}.{escape(column)}", f"{values}: the catalogue has no place for them"
        )


def _read_columns(conn: sqlite3.Connection, table: str) -> tuple[str, ...]:
    try:
        return tuple(
            str(name) for (name,) in conn.execute("select name from pragma_table_info(?)", (table,))
        )
    except sqlite3.OperationalError:
        # This SQLite does not have the module of a virtual table.
        return ()


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
