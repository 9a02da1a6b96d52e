"""What collection.toml and .skillmeat-deployed.toml say."""
# ruff: noqa: PTH119, PTH120

import os
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from skillmeat.errors import SourceError
from skillmeat.importer.readers.skillmeat.coercion import (
    content_hash,
    moment,
    plain,
    storable,
    strings,
    text,
    words,
)
from skillmeat.importer.readers.skillmeat.discovery import COLLECTIONS
from skillmeat.importer.readers.skillmeat.model import Note
from skillmeat.importer.readers.skillmeat.records import (
    DEFAULT,
    Draft,
    Gathered,
    Named,
    SaidVersion,
)
from skillmeat.importer.readers.text import escape

if TYPE_CHECKING:
    from skillmeat.importer.readers.model import JSON

_COLUMNS: Final = ("title", "description", "author", "license", "version")
_ARTIFACT: Final = frozenset(
    ("name", "type", "metadata", "added", "last_updated", "upstream", "origin", "tags")
)
_LISTS: Final = frozenset(
    (
        *("dependencies", "tools", "linked_artifacts", "unlinked_references"),
        *("aliases", "target_platforms"),
    )
)
_DEPLOYED: Final = frozenset(
    (
        *("artifact_name", "artifact_type", "from_collection", "deployed_at", "content_hash"),
        *("collection_sha", "artifact_uuid"),
    )
)


def read_collection(path: str, gathered: Gathered) -> None:
    """Add what the collection.toml at `path` holds. Raises `SourceError`."""
    content = _toml(path)
    header = _table(content.get("collection"))
    name = _folder(path, text(header.get("name")))
    named = gathered.named.setdefault(name, Named(name, None, None))
    named.created_at = named.created_at or moment(header.get("created"))
    named.updated_at = named.updated_at or moment(header.get("updated"))
    named.is_whole = True
    broken = 0
    for given in _entries(content.get("artifacts")):
        kind, artifact = text(given.get("type")), text(given.get("name"))
        if not kind or not artifact:
            broken += 1
            continue
        key = (kind, artifact)
        draft = gathered.draft(key)
        _describe(draft, given)
        draft.joined(draft.added_at)
        named.members.said += 1
        named.members.added_at.setdefault(key, moment(given.get("added")))
    if broken:
        gathered.left.append(Note(escape(path), f"{broken} artifacts without a type or a name"))
    for other in content.keys() - {"collection", "artifacts"}:
        count = len(_tables(content[other])) or 1
        gathered.left.append(
            Note(
                f"{escape(path)}: {escape(other)}", f"{count}: the catalogue has no place for them"
            )
        )


def read_deployed(path: str, gathered: Gathered) -> None:
    """Add what the .skillmeat-deployed.toml at `path` holds. Raises `SourceError`."""
    broken = 0
    for given in _entries(_toml(path).get("deployed")):
        kind, name = text(given.get("artifact_type")), text(given.get("artifact_name"))
        if not kind or not name:
            broken += 1
            continue
        key, deployed_at = (kind, name), moment(given.get("deployed_at"))
        draft = gathered.draft(key)
        draft.is_held = True
        draft.joined(deployed_at)
        draft.keep(uuid=words(given.get("artifact_uuid")))
        if (collection := words(given.get("from_collection"))) is not None:
            named = gathered.named.setdefault(collection, Named(collection, None, None))
            if key not in named.members.added_at:
                named.members.deployed.add(key)
                named.members.added_at[key] = deployed_at
        metadata = {
            storable(field): plain(value)
            for field, value in given.items()
            if field not in _DEPLOYED and value not in (None, "", [], {})
        }
        gathered.versions.append(
            SaidVersion(
                key,
                content_hash(given.get("content_hash"))
                or content_hash(given.get("collection_sha")),
                "deployment",
                deployed_at,
                metadata,
                is_deployed=True,
            )
        )
    if broken:
        gathered.left.append(Note(escape(path), f"{broken} records without a type or a name"))


def _describe(draft: Draft, given: dict[str, Any]) -> None:
    metadata = _table(given.get("metadata"))
    added_at = moment(given.get("added"))
    if not draft.has_manifest:
        draft.added_at = added_at
        draft.updated_at = moment(given.get("last_updated")) or added_at
    draft.is_held = draft.has_manifest = True
    draft.say(
        **{name: words(metadata.get(name)) for name in _COLUMNS},
        source=words(given.get("upstream")),
        origin=words(given.get("origin")),
    )
    for fields, known in ((given, _ARTIFACT), (metadata, frozenset((*_COLUMNS, "tags")))):
        for name, value in fields.items():
            if name not in known:
                listed: list[JSON] = [*strings(value)] if name in _LISTS else []
                draft.keep(**{storable(name): listed if name in _LISTS else plain(value)})
    draft.tag_names.update(
        dict.fromkeys((*strings(given.get("tags")), *strings(metadata.get("tags"))))
    )


def _folder(path: str, declared: str | None) -> str:
    """What the collection is called: as its folder, where that is in SkillMeat's own place."""
    folder = os.path.dirname(path)
    name = os.path.basename(folder)
    if os.path.basename(os.path.dirname(folder)) != COLLECTIONS and declared:
        return declared
    return name or declared or DEFAULT


def _toml(path: str) -> dict[str, Any]:
    try:
        return tomllib.loads(Path(path).read_bytes().decode("utf-8-sig"))
    except OSError as error:
        message = f"{escape(path)} cannot be read: {error.strerror}"
        raise SourceError(message) from None
    except UnicodeDecodeError as error:
        message = f"{escape(path)} is not UTF-8: {error.reason} at byte {error.start + 1}"
        raise SourceError(message) from None
    except (ValueError, RecursionError) as error:  # of a number with too many digits, too
        message = f"{escape(path)} is not TOML: {escape(str(error))}"
        raise SourceError(message) from None


def _entries(value: object) -> list[dict[str, Any]]:
    """The tables of a list; what is none has neither a type nor a name."""
    listed = value if isinstance(value, list) else [] if value is None else [value]
    return [_table(each) for each in listed]


def _table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _tables(value: object) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
