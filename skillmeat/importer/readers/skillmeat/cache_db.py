"""What a cache.db says, in either of its states."""

import sqlite3
from collections.abc import Callable, Iterator
from typing import Final

from skillmeat.importer.readers.model import JSON
from skillmeat.importer.readers.skillmeat import schema
from skillmeat.importer.readers.skillmeat.coercion import (
    content_hash,
    document,
    moment,
    strings,
    text,
    words,
)
from skillmeat.importer.readers.skillmeat.model import Note
from skillmeat.importer.readers.skillmeat.records import (
    DEFAULT,
    Draft,
    Gathered,
    Members,
    Row,
    SaidVersion,
)
from skillmeat.importer.readers.skillmeat.renaming import ArtifactKey, key_of
from skillmeat.importer.readers.skillmeat.sqlite import SECONDS_TO_WAIT, opened
from skillmeat.importer.readers.skillmeat.validation import oddities
from skillmeat.importer.readers.text import escape

# Whose rows are SkillMeat's own artifacts; others are copies in projects.
_OWN: Final = "collection_artifacts_global"

OnRows = Callable[[int], None]
"""Is told how many rows were read."""


class _Reader:
    """One file, and what its keys stand for."""

    def __init__(self, conn: sqlite3.Connection, path: str, gathered: Gathered) -> None:
        self.conn = conn
        self.schema = schema.look(conn, path)
        self.gathered = gathered
        self.noted: frozenset[str] = frozenset()
        self.collections: list[str] = []
        self.by_uuid: dict[str, ArtifactKey] = {}
        self.by_id: dict[str, ArtifactKey] = {}

    def rows(self, table: str, *order: str) -> Iterator[Row]:
        """The rows of a table; when it is read first, what is off about them is noted."""
        is_first, self.noted = table not in self.noted, self.noted | {table}
        for row in schema.rows(self.conn, self.schema, table, order=order):
            if is_first:
                self.gathered.mended += oddities(table, row)
            yield row

    def key(self, row: Row) -> ArtifactKey | None:
        """The artifact that a row refers to, whether or not it is anywhere."""
        uuid, given = text(row.get("artifact_uuid")), text(row.get("artifact_id"))
        if uuid is not None and uuid in self.by_uuid:
            return self.by_uuid[uuid]
        reference = given or uuid
        if reference is None:
            return None
        return self.by_id.get(reference) or key_of(reference)


def read(path: str, gathered: Gathered, *, on_rows: OnRows, wait: float = SECONDS_TO_WAIT) -> None:
    """Add what the file at `path` holds. Raises `SourceError`."""
    with opened(path, wait=wait) as conn:
        reader = _Reader(conn, path, gathered)
        _artifacts(reader, on_rows)
        _collections(reader)
        _memberships(reader, on_rows)
        # After the memberships: what these say of an artifact goes before what its row says.
        _descriptions(reader)
        _groups(reader)
        _tags(reader)
        _versions(reader)
        for row in reader.rows("project_templates", "id"):
            if (template := text(row["id"])) is not None:
                gathered.templates.setdefault(template, row)
        gathered.left += schema.left(conn, reader.schema)


def _artifacts(reader: _Reader, on_rows: OnRows) -> None:  # noqa: C901 - a rule each
    nameless = 0
    for own in (True, False):
        for count, row in enumerate(reader.rows("artifacts", "created_at", "id"), start=1):
            kind, name = text(row["type"]), text(row["name"])
            row_id = text(row["id"])
            is_own = row["project_id"] in (_OWN, None) or row_id == f"{kind}:{name}"
            if is_own is not own:
                continue
            if not kind or not name:
                nameless += 1
                continue
            key = (kind, name)
            draft = reader.gathered.draft(key)
            draft.is_held = True
            if row_id is not None:
                reader.by_id.setdefault(row_id, key)
            if (uuid := words(row["uuid"])) is not None:
                reader.by_uuid.setdefault(uuid, key)
            if draft.added_at is None:
                draft.added_at = moment(row["created_at"])
            if draft.updated_at is None:
                draft.updated_at = moment(row["updated_at"])
            draft.keep(uuid=uuid, **_kept(row))
            if count % 1024 == 0:
                on_rows(1024)
    if nameless:
        reader.gathered.left.append(
            Note("table artifacts", f"{nameless} rows without a type or a name")
        )


def _kept(row: Row) -> dict[str, JSON]:
    platforms: list[JSON] = [*strings(row["target_platforms"])]
    kept: dict[str, JSON] = {
        name: words(row[name])
        for name in ("category", "path_pattern", "upstream_version", "owner_id")
    }
    for name, usual in schema.USUAL.items():
        kept[name] = value if (value := words(row[name])) != usual else None
    return kept | {
        "target_platforms": platforms,
        "auto_load": True if row["auto_load"] in (1, "1", "true") else None,
    }


def _descriptions(reader: _Reader) -> None:
    artifacts = reader.gathered.artifacts
    for own in (True, False):
        for row in reader.rows("artifacts", "created_at", "id"):
            key = (text(row["type"]) or "", text(row["name"]) or "")
            is_own = row["project_id"] in (_OWN, None) or text(row["id"]) == ":".join(key)
            if is_own is own and (draft := artifacts.get(key)) is not None:
                draft.say(
                    description=words(row["description"]),
                    source=words(row["source"]),
                    version=words(row["deployed_version"]),
                    content_hash=content_hash(row["content_hash"]),
                )
    for row in reader.rows("artifact_metadata", "artifact_id"):
        found = reader.by_id.get(text(row["artifact_id"]) or "")
        if found is None:
            continue
        draft = artifacts[found]
        extra = document(row["metadata"])
        extra = extra if isinstance(extra, dict) else {}
        draft.say(
            description=words(row["description"]),
            **{name: words(extra.get(name)) for name in ("title", "author", "license", "version")},
        )
        aliases: list[JSON] = [*strings(row["aliases"])]
        draft.keep(aliases=aliases, extra=extra)
        draft.tag_names.update(dict.fromkeys(strings(row["tags"])))


def _collections(reader: _Reader) -> None:
    for row in reader.rows("collections", "created_at", "id"):
        if (collection := text(row["id"])) is not None:
            reader.collections.append(collection)
            reader.gathered.collections.setdefault(collection, row)


def _memberships(reader: _Reader, on_rows: OnRows) -> None:
    gathered = reader.gathered
    strays: dict[str, int] = {}
    before = {name: set(each.added_at) for name, each in gathered.members.items()}
    if reader.schema.has(schema.TABLES["collection_artifacts"]):
        # Who has no members here has none, whatever its folder holds.
        for held in reader.collections:
            gathered.members.setdefault(held, Members())
    for count, row in enumerate(reader.rows("collection_artifacts", "collection_id"), start=1):
        if count % 1024 == 0:
            on_rows(1024)
        collection, key = text(row["collection_id"]), reader.key(row)
        if collection is None or key is None or collection not in gathered.collections:
            strays[collection or ""] = strays.get(collection or "", 0) + 1
            continue
        draft = gathered.draft(key)
        added_at = moment(row["added_at"])
        draft.joined(added_at)
        _cached(draft, row, is_first=collection == DEFAULT)
        members = gathered.members.setdefault(collection, Members())
        members.added_at.setdefault(key, added_at)
        # Of several files each says it once; a file that says it twice means two.
        members.said += key not in before.get(collection, ())
    for collection, count in sorted(strays.items()):
        named = escape(collection) or "without a name"
        reader.gathered.left.append(
            Note(f"collection {named}", f"{count} memberships of a collection that does not exist")
        )


def _cached(draft: Draft, row: Row, *, is_first: bool) -> None:
    """What a membership remembers of its artifact; that of `default` goes before others."""
    names = ("description", "author", "license", "version", "source", "origin")
    said = {name: value for name in names if (value := words(row[name])) is not None}
    if (found := content_hash(row["artifact_content_hash"])) is not None:
        said["content_hash"] = found
    tools: list[JSON] = [*strings(row["tools_json"])]
    deployments = document(row["deployments_json"])
    kept: dict[str, JSON] = {
        name: words(row[name]) for name in ("origin_source", "resolved_sha", "resolved_version")
    }
    kept["tools"] = tools
    kept["deployments"] = deployments if isinstance(deployments, list) else None
    if is_first and not draft.has_manifest:
        draft.said.update(said)
        draft.metadata.update({name: value for name, value in kept.items() if value})
    draft.say(**said)
    draft.keep(**kept)
    draft.tag_names.update(dict.fromkeys(strings(row["tags_json"])))


def _groups(reader: _Reader) -> None:
    gathered = reader.gathered
    for row in reader.rows("groups", "collection_id", "position", "id"):
        if (group := text(row["id"])) is not None:
            gathered.groups.setdefault(group, row)
    for row in reader.rows("group_artifacts", "group_id", "position"):
        group, key = text(row["group_id"]), reader.key(row)
        if group is None or key is None or group not in gathered.groups:
            gathered.left.append(
                Note(f"group {escape(group or '')}", "an artifact of a group that does not exist")
            )
            continue
        gathered.draft(key)
        places = gathered.placements.setdefault(group, {})
        places.setdefault(key, row)
        gathered.placements_said[group] = gathered.placements_said.get(group, 0) + 1


def _tags(reader: _Reader) -> None:
    gathered = reader.gathered
    for row in reader.rows("tags", "created_at", "id"):
        if (tag := text(row["id"])) is not None:
            gathered.tags.setdefault(tag, row)
    strays = 0
    for row in reader.rows("artifact_tags", "tag_id"):
        tag, key = text(row["tag_id"]), reader.key(row)
        if tag not in gathered.tags or key is None or key not in gathered.artifacts:
            strays += 1
        else:
            gathered.taggings.append((key, tag or "", moment(row["created_at"])))
    if strays:
        gathered.left.append(
            Note("table artifact_tags", f"{strays} rows of a tag or artifact that does not exist")
        )


def _versions(reader: _Reader) -> None:
    strays = 0
    for row in reader.rows("artifact_versions", "created_at", "id"):
        key = reader.key(row)
        if key is None or key not in reader.gathered.artifacts:
            strays += 1
            continue
        lineage: list[JSON] = [*strings(row["version_lineage"])]
        said: dict[str, JSON] = {
            "id": words(row["id"]),
            "parent_hash": words(row["parent_hash"]),
            "version_lineage": lineage,
            "metadata": document(row["metadata"]),
        }
        metadata: dict[str, JSON] = {name: value for name, value in said.items() if value}
        reader.gathered.versions.append(
            SaidVersion(
                key,
                content_hash(row["content_hash"]),
                words(row["change_origin"]),
                moment(row["created_at"]),
                metadata,
            )
        )
    if strays:
        reader.gathered.left.append(
            Note("table artifact_versions", f"{strays} rows of an artifact that does not exist")
        )
