"""The reader of cache.db, SkillMeat's database, with its earlier or its later schema."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

from skillmeat.importer.readers.model import JSON
from skillmeat.importer.readers.skillmeat import schema
from skillmeat.importer.readers.skillmeat.coercion import (
    list_adjustments,
    parse_json,
    to_content_hash,
    to_datetime,
    to_nonblank_text,
    to_strings,
    to_text,
)
from skillmeat.importer.readers.skillmeat.model import Note
from skillmeat.importer.readers.skillmeat.records import (
    DEFAULT,
    ArtifactRecord,
    MemberRecords,
    Records,
    Row,
    VersionRecord,
)
from skillmeat.importer.readers.skillmeat.renaming import ArtifactKey, parse_artifact_key
from skillmeat.importer.readers.skillmeat.sqlite import open_read_only
from skillmeat.importer.readers.text import escape, format_count

# The project of SkillMeat's own artifacts. Artifacts of other projects are copies.
_OWN_PROJECT: Final = "collection_artifacts_global"
_PROGRESS_STEP: Final = 1024

OnRows = Callable[[int], None]
"""A callback that gets the number of rows read since its last call."""


def read_database(path: str, records: Records, *, on_rows: OnRows) -> None:
    """Add what the file at `path` holds. Raises `SourceError`."""
    with open_read_only(path) as conn:
        reader = _Reader(conn, path, records)
        _read_artifacts(reader, on_rows)
        _read_collections(reader)
        _read_memberships(reader, on_rows)
        # Descriptions follow memberships, which take precedence over an artifact's own row.
        _read_descriptions(reader)
        _read_groups(reader)
        _read_tags(reader)
        _read_versions(reader)
        _read_templates(reader)
        records.not_imported += schema.list_unread(conn, reader.schema)


class _Reader:
    """One open file, and the artifacts that its keys refer to."""

    def __init__(self, conn: sqlite3.Connection, path: str, records: Records) -> None:
        self.conn = conn
        self.schema = schema.read_schema(conn, path)
        self.records = records
        self.tables_read: frozenset[str] = frozenset()
        self.collections: list[str] = []
        self.key_by_uuid: dict[str, ArtifactKey] = {}
        self.key_by_id: dict[str, ArtifactKey] = {}

    def read_rows(self, table: str, *order: str) -> Iterator[Row]:
        """Yield the rows of a table; the first call for a table notes the adjusted values."""
        is_first = table not in self.tables_read
        self.tables_read |= {table}
        for row in schema.read_rows(self.conn, self.schema, table, order=order):
            if is_first:
                self.records.adjusted += list_adjustments(table, row)
            yield row

    def read_artifact_rows(self) -> Iterator[Row]:
        """Yield the rows of artifacts: SkillMeat's own, then the copies in projects."""
        copies: list[Row] = []
        for row in self.read_rows("artifacts", "created_at", "id"):
            key = f"{to_text(row['type'])}:{to_text(row['name'])}"
            if row["project_id"] in (_OWN_PROJECT, None) or to_text(row["id"]) == key:
                yield row
            else:
                copies.append(row)
        yield from copies

    def get_key(self, row: Row) -> ArtifactKey | None:
        """Return the key of the artifact that a row refers to, even if the artifact is missing."""
        uuid, artifact_id = to_text(row.get("artifact_uuid")), to_text(row.get("artifact_id"))
        if uuid is not None and uuid in self.key_by_uuid:
            return self.key_by_uuid[uuid]
        reference = artifact_id or uuid
        if reference is None:
            return None
        return self.key_by_id.get(reference) or parse_artifact_key(reference)

    def note_not_imported(self, what: str, reason: str) -> None:
        """Note rows that cannot be imported."""
        self.records.not_imported.append(Note(what, reason))


def _read_artifacts(reader: _Reader, on_rows: OnRows) -> None:
    nameless = 0
    for count, row in enumerate(reader.read_artifact_rows(), start=1):
        if count % _PROGRESS_STEP == 0:
            on_rows(_PROGRESS_STEP)
        kind, name = to_text(row["type"]), to_text(row["name"])
        if not kind or not name:
            nameless += 1
            continue
        key = (kind, name)
        record = reader.records.get_artifact(key)
        record.is_described = True
        if (row_id := to_text(row["id"])) is not None:
            reader.key_by_id.setdefault(row_id, key)
        if (uuid := to_nonblank_text(row["uuid"])) is not None:
            reader.key_by_uuid.setdefault(uuid, key)
        if record.added_at is None:
            record.added_at = to_datetime(row["created_at"])
        if record.updated_at is None:
            record.updated_at = to_datetime(row["updated_at"])
        record.set_metadata_defaults(uuid=uuid, **_get_artifact_metadata(row))
    if nameless:
        reader.note_not_imported(
            "table artifacts", f"{format_count(nameless, 'row')} without a type or a name"
        )


def _get_artifact_metadata(row: Row) -> dict[str, JSON]:
    metadata: dict[str, JSON] = {
        name: to_nonblank_text(row[name])
        for name in ("category", "path_pattern", "upstream_version", "owner_id")
    }
    for name, default in schema.DEFAULTS.items():
        value = to_nonblank_text(row[name])
        metadata[name] = None if value == default else value
    metadata["target_platforms"] = [*to_strings(row["target_platforms"])]
    metadata["auto_load"] = True if row["auto_load"] in (1, "1", "true") else None
    return metadata


def _read_descriptions(reader: _Reader) -> None:
    artifacts = reader.records.artifacts
    for row in reader.read_artifact_rows():
        record = artifacts.get((to_text(row["type"]) or "", to_text(row["name"]) or ""))
        if record is not None:
            record.set_defaults(
                description=to_nonblank_text(row["description"]),
                source=to_nonblank_text(row["source"]),
                version=to_nonblank_text(row["deployed_version"]),
                content_hash=to_content_hash(row["content_hash"]),
            )
    for row in reader.read_rows("artifact_metadata", "artifact_id"):
        key = reader.key_by_id.get(to_text(row["artifact_id"]) or "")
        if key is None:
            continue
        record = artifacts[key]
        extra = parse_json(row["metadata"])
        extra = extra if isinstance(extra, dict) else {}
        record.set_defaults(description=to_nonblank_text(row["description"]))
        record.set_defaults(
            **{
                name: to_nonblank_text(extra.get(name))
                for name in ("title", "author", "license", "version")
            }
        )
        aliases: list[JSON] = [*to_strings(row["aliases"])]
        record.set_metadata_defaults(aliases=aliases, extra=extra)
        record.tag_names.update(dict.fromkeys(to_strings(row["tags"])))


def _read_collections(reader: _Reader) -> None:
    for row in reader.read_rows("collections", "created_at", "id"):
        if (collection := to_text(row["id"])) is not None:
            reader.collections.append(collection)
            reader.records.collections.setdefault(collection, row)


def _read_memberships(reader: _Reader, on_rows: OnRows) -> None:
    records = reader.records
    dangling = Counter[str]()
    before = {name: set(members.added_at) for name, members in records.members.items()}
    if reader.schema.has(schema.TABLES["collection_artifacts"]):
        # The database takes precedence over folders: a collection without rows has no members.
        for collection in reader.collections:
            records.members.setdefault(collection, MemberRecords())
    rows = reader.read_rows("collection_artifacts", "collection_id")
    for count, row in enumerate(rows, start=1):
        if count % _PROGRESS_STEP == 0:
            on_rows(_PROGRESS_STEP)
        collection_id, key = to_text(row["collection_id"]), reader.get_key(row)
        if collection_id is None or key is None or collection_id not in records.collections:
            dangling[collection_id or ""] += 1
            continue
        record = records.get_artifact(key)
        added_at = to_datetime(row["added_at"])
        record.note_membership(added_at)
        _describe_by_membership(record, row, is_default=collection_id == DEFAULT)
        members = records.members.setdefault(collection_id, MemberRecords())
        members.added_at.setdefault(key, added_at)
        # Count a row that several files share once, and a row that one file repeats twice.
        members.declared_count += key not in before.get(collection_id, ())
    for collection_id, count in sorted(dangling.items()):
        reader.note_not_imported(
            f"collection {escape(collection_id) or 'without a name'}",
            f"{format_count(count, 'membership')} of a collection that does not exist",
        )


def _describe_by_membership(record: ArtifactRecord, row: Row, *, is_default: bool) -> None:
    """Use the artifact's columns that a membership caches; `default` takes precedence."""
    columns = {
        name: value
        for name in ("description", "author", "license", "version", "source", "origin")
        if (value := to_nonblank_text(row[name])) is not None
    }
    if (content_hash := to_content_hash(row["artifact_content_hash"])) is not None:
        columns["content_hash"] = content_hash
    metadata: dict[str, JSON] = {
        name: to_nonblank_text(row[name])
        for name in ("origin_source", "resolved_sha", "resolved_version")
    }
    metadata["tools"] = [*to_strings(row["tools_json"])]
    deployments = parse_json(row["deployments_json"])
    metadata["deployments"] = deployments if isinstance(deployments, list) else None
    if is_default and not record.has_manifest:
        record.columns.update(columns)
        record.metadata.update({name: value for name, value in metadata.items() if value})
    record.set_defaults(**columns)
    record.set_metadata_defaults(**metadata)
    record.tag_names.update(dict.fromkeys(to_strings(row["tags_json"])))


def _read_groups(reader: _Reader) -> None:
    records = reader.records
    for row in reader.read_rows("groups", "collection_id", "position", "id"):
        if (group_id := to_text(row["id"])) is not None:
            records.groups.setdefault(group_id, row)
    for row in reader.read_rows("group_artifacts", "group_id", "position"):
        group_id, key = to_text(row["group_id"]), reader.get_key(row)
        if group_id is None or key is None or group_id not in records.groups:
            reader.note_not_imported(
                f"group {escape(group_id or '')}", "an artifact of a group that does not exist"
            )
            continue
        records.get_artifact(key)
        records.group_artifacts.setdefault(group_id, {}).setdefault(key, row)
        records.declared_group_counts[group_id] += 1


def _read_tags(reader: _Reader) -> None:
    records = reader.records
    for row in reader.read_rows("tags", "created_at", "id"):
        if (tag_id := to_text(row["id"])) is not None:
            records.tags.setdefault(tag_id, row)
    dangling = 0
    for row in reader.read_rows("artifact_tags", "tag_id"):
        tag_id, key = to_text(row["tag_id"]), reader.get_key(row)
        if tag_id not in records.tags or key is None or key not in records.artifacts:
            dangling += 1
        else:
            records.artifact_tags.append((key, tag_id or "", to_datetime(row["created_at"])))
    if dangling:
        reader.note_not_imported(
            "table artifact_tags",
            f"{format_count(dangling, 'row')} of a tag or artifact that does not exist",
        )


def _read_versions(reader: _Reader) -> None:
    dangling = 0
    for row in reader.read_rows("artifact_versions", "created_at", "id"):
        key = reader.get_key(row)
        if key is None or key not in reader.records.artifacts:
            dangling += 1
            continue
        metadata: dict[str, JSON] = {
            "id": to_nonblank_text(row["id"]),
            "parent_hash": to_nonblank_text(row["parent_hash"]),
            "version_lineage": [*to_strings(row["version_lineage"])],
            "metadata": parse_json(row["metadata"]),
        }
        reader.records.versions.append(
            VersionRecord(
                key,
                to_content_hash(row["content_hash"]),
                to_nonblank_text(row["change_origin"]),
                to_datetime(row["created_at"]),
                {name: value for name, value in metadata.items() if value},
            )
        )
    if dangling:
        reader.note_not_imported(
            "table artifact_versions",
            f"{format_count(dangling, 'row')} of an artifact that does not exist",
        )


def _read_templates(reader: _Reader) -> None:
    for row in reader.read_rows("project_templates", "id"):
        if (template_id := to_text(row["id"])) is not None:
            reader.records.templates.setdefault(template_id, row)
