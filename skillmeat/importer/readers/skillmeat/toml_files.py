"""The readers of collection.toml and .skillmeat-deployed.toml."""
# ruff: noqa: PTH119, PTH120

import os
import tomllib
from pathlib import Path
from typing import Any, Final

from skillmeat.errors import SourceError
from skillmeat.importer.readers.skillmeat.coercion import (
    to_content_hash,
    to_datetime,
    to_json,
    to_nonblank_text,
    to_strings,
    to_text,
)
from skillmeat.importer.readers.skillmeat.model import Note
from skillmeat.importer.readers.skillmeat.records import (
    DEFAULT,
    ArtifactRecord,
    NamedCollection,
    Records,
    VersionRecord,
)
from skillmeat.importer.readers.text import escape, format_count, replace_unstorable

COLLECTION: Final = "collection.toml"
COLLECTIONS: Final = "collections"
DEPLOYED: Final = ".skillmeat-deployed.toml"

_COLUMNS: Final = ("title", "description", "author", "license", "version")
_ARTIFACT_KEYS: Final = frozenset(
    ("name", "type", "metadata", "added", "last_updated", "upstream", "origin", "tags")
)
_METADATA_KEYS: Final = frozenset((*_COLUMNS, "tags"))
_LIST_KEYS: Final = frozenset(
    (
        *("dependencies", "tools", "linked_artifacts", "unlinked_references"),
        *("aliases", "target_platforms"),
    )
)
_DEPLOYED_KEYS: Final = frozenset(
    (
        *("artifact_name", "artifact_type", "from_collection", "deployed_at", "content_hash"),
        *("collection_sha", "artifact_uuid"),
    )
)


def read_collection(path: str, records: Records) -> None:
    """Add what the collection.toml at `path` holds. Raises `SourceError`."""
    document = _load_toml(path)
    header = _as_table(document.get("collection"))
    declared = to_text(header.get("name"))
    name = _get_collection_name(path, declared)
    if declared and declared != name:
        records.not_imported.append(
            Note(
                escape(path),
                f"the name {escape(declared)}: the collection is named after its folder",
            )
        )
    collection = records.named_collections.setdefault(name, NamedCollection(name))
    collection.created_at = collection.created_at or to_datetime(header.get("created"))
    collection.updated_at = collection.updated_at or to_datetime(header.get("updated"))
    collection.is_complete = True
    nameless = 0
    for entry in _as_tables(document.get("artifacts")):
        kind, artifact = to_text(entry.get("type")), to_text(entry.get("name"))
        if not kind or not artifact:
            nameless += 1
            continue
        key = (kind, artifact)
        record = records.get_artifact(key)
        _describe_artifact(record, entry)
        record.note_membership(record.added_at)
        collection.members.declared_count += 1
        collection.members.added_at.setdefault(key, to_datetime(entry.get("added")))
    if nameless:
        records.not_imported.append(
            Note(escape(path), f"{format_count(nameless, 'artifact')} without a type or a name")
        )
    for name in document.keys() - {"collection", "artifacts"}:
        value = document[name]
        count = sum(isinstance(each, dict) for each in value) if isinstance(value, list) else 0
        records.not_imported.append(
            Note(
                f"{escape(path)}: {escape(name)}",
                f"{count or 1}: the catalogue has no place for them",
            )
        )


def read_deployed(path: str, records: Records) -> None:
    """Add what the .skillmeat-deployed.toml at `path` holds. Raises `SourceError`."""
    nameless = 0
    for entry in _as_tables(_load_toml(path).get("deployed")):
        kind, name = to_text(entry.get("artifact_type")), to_text(entry.get("artifact_name"))
        if not kind or not name:
            nameless += 1
            continue
        key, deployed_at = (kind, name), to_datetime(entry.get("deployed_at"))
        record = records.get_artifact(key)
        record.is_described = True
        record.note_membership(deployed_at)
        record.set_metadata_defaults(uuid=to_nonblank_text(entry.get("artifact_uuid")))
        if (collection := to_nonblank_text(entry.get("from_collection"))) is not None:
            members = records.named_collections.setdefault(
                collection, NamedCollection(collection)
            ).members
            if key not in members.added_at:
                members.deployed.add(key)
                members.added_at[key] = deployed_at
        metadata = {
            replace_unstorable(field): to_json(value)
            for field, value in entry.items()
            if field not in _DEPLOYED_KEYS and value not in (None, "", [], {})
        }
        records.versions.append(
            VersionRecord(
                key,
                to_content_hash(entry.get("content_hash"))
                or to_content_hash(entry.get("collection_sha")),
                "deployment",
                deployed_at,
                metadata,
                is_deployed=True,
            )
        )
    if nameless:
        records.not_imported.append(
            Note(escape(path), f"{format_count(nameless, 'record')} without a type or a name")
        )


def _describe_artifact(record: ArtifactRecord, entry: dict[str, Any]) -> None:
    metadata = _as_table(entry.get("metadata"))
    added_at = to_datetime(entry.get("added"))
    if not record.has_manifest:
        record.added_at = added_at
        record.updated_at = to_datetime(entry.get("last_updated")) or added_at
    record.is_described = record.has_manifest = True
    record.set_defaults(
        **{name: to_nonblank_text(metadata.get(name)) for name in _COLUMNS},
        source=to_nonblank_text(entry.get("upstream")),
        origin=to_nonblank_text(entry.get("origin")),
    )
    for fields, known in ((entry, _ARTIFACT_KEYS), (metadata, _METADATA_KEYS)):
        for name, value in fields.items():
            if name not in known:
                kept = to_json(to_strings(value) if name in _LIST_KEYS else value)
                record.set_metadata_defaults(**{replace_unstorable(name): kept})
    record.tag_names.update(
        dict.fromkeys((*to_strings(entry.get("tags")), *to_strings(metadata.get("tags"))))
    )


def _get_collection_name(path: str, declared: str | None) -> str:
    """Return the folder's name if the file is in SkillMeat's own place, else the declared name."""
    folder = os.path.dirname(path)
    name = os.path.basename(folder)
    if os.path.basename(os.path.dirname(folder)) != COLLECTIONS and declared:
        return declared
    return name or declared or DEFAULT


def _load_toml(path: str) -> dict[str, Any]:
    try:
        return tomllib.loads(Path(path).read_bytes().decode("utf-8-sig"))
    except OSError as error:
        message = f"{escape(path)} cannot be read: {error.strerror}"
        raise SourceError(message) from None
    except UnicodeDecodeError as error:
        message = f"{escape(path)} is not UTF-8: {error.reason} at byte {error.start + 1}"
        raise SourceError(message) from None
    except (ValueError, RecursionError) as error:  # ValueError: also too many digits
        message = f"{escape(path)} is not TOML: {escape(str(error))}"
        raise SourceError(message) from None


def _as_tables(value: object) -> list[dict[str, Any]]:
    """Return the tables of a list; a value that is not a table becomes an empty table."""
    values = value if isinstance(value, list) else [] if value is None else [value]
    return [_as_table(each) for each in values]


def _as_table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
