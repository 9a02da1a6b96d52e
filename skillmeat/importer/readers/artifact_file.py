"""From a file's bytes to an artifact."""

import hashlib
from typing import NamedTuple

from skillmeat.importer.readers import safe_files
from skillmeat.importer.readers.front_matter import NESTED, BrokenFrontMatterError, front_matter
from skillmeat.importer.readers.model import JSON, FoundArtifact, Origin
from skillmeat.importer.readers.tags import clean_tags, deduplicate_tags, split_tags


class Candidate(NamedTuple):
    """A file that by its place is an artifact, not yet looked into."""

    type: str
    name: str
    file: str
    path: str
    collection_id: str | None
    tags: tuple[str, ...]

    @property
    def id(self) -> str:
        """The key that the artifact will have, `type:name`."""
        return f"{self.type}:{self.name}"


def parse(candidate: Candidate, data: bytes, origin: Origin) -> tuple[FoundArtifact, str | None]:
    """The artifact in `data`, and what is off about it, if anything, in one line.

    Raises `UnreadableError` where `data` is not UTF-8.
    """
    text = safe_files.decode_text(data)
    reason: str | None = None
    fields: dict[str, JSON] = {}
    try:
        fields = front_matter(text)
    except BrokenFrontMatterError as error:
        reason = str(error)
    nested = fields.get(NESTED)
    nested = nested if isinstance(nested, dict) else {}
    tags = candidate.tags
    own_tags = split_tags(fields.get("tags"))
    if own_tags is not None:
        del fields["tags"]
    else:
        own_tags = split_tags(nested.get("tags"))
    if own_tags:
        cleaned, reason = clean_tags(own_tags)
        tags = deduplicate_tags((*tags, *cleaned)) if tags else cleaned
    artifact = FoundArtifact(
        type=candidate.type,
        name=candidate.name,
        title=_text("title", fields, nested),
        description=_text("description", fields, nested),
        author=_author(fields, nested),
        license=_text("license", fields, nested) or _text("licence", fields, nested),
        version=_text("version", fields, nested),
        tags=tags,
        metadata=fields,
        content_hash=hashlib.sha256(data).hexdigest(),
        origin=origin,
        path=candidate.path,
    )
    return artifact, reason


def _text(key: str, fields: dict[str, JSON], nested: dict[str, JSON]) -> str | None:
    """Takes `key` out of `fields`, else reads it in `nested`; what is no text stays metadata."""
    value = fields.get(key)
    if value is None or isinstance(value, str):
        fields.pop(key, None)
    if not isinstance(value, str):
        value = nested.get(key)
    return value.strip() or None if isinstance(value, str) else None


def _author(fields: dict[str, JSON], nested: dict[str, JSON]) -> str | None:
    """The author's name, or several with commas; an address beside it stays metadata as well."""
    value = fields.get("author") or nested.get("author")
    people = value if isinstance(value, list) else [value]
    if all(_is_only_a_name(person) for person in people):
        fields.pop("author", None)
    return ", ".join(name for name in map(_person, people) if name) or None


def _is_only_a_name(value: JSON) -> bool:
    return (
        value is None
        or isinstance(value, str)
        or (isinstance(value, dict) and {*value} == {"name"})
    )


def _person(value: JSON) -> str | None:
    if isinstance(value, dict):
        value = value.get("name") or value.get("email")
    return value.strip() or None if isinstance(value, str) else None
