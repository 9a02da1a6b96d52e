"""The parser of an artifact's file: the front matter becomes columns, tags and metadata."""

import hashlib
import json
import re
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from skillmeat.importer.readers.content import redact_content
from skillmeat.importer.readers.front_matter import NESTED, read_front_matter
from skillmeat.importer.readers.model import (
    JSON,
    FoundArtifact,
    Origin,
    Problem,
    SourceReadError,
)
from skillmeat.importer.readers.redaction import redact_metadata
from skillmeat.importer.readers.safe_files import decode_text
from skillmeat.importer.readers.text import (
    INVALID_TAG,
    TAG_RULE,
    clean_tags,
    deduplicate_tags,
    escape,
    split_tags,
)

Parse: TypeAlias = Callable[["Candidate", bytes, Origin], tuple[FoundArtifact, list[Problem]]]


_MARKER = re.compile(r"^---[ \t]*\r?$", re.MULTILINE)


class Candidate(NamedTuple):
    """An artifact with the type and name of its path, before its content is parsed."""

    type: str
    name: str
    file: str
    path: str
    collection_id: str | None
    tags: tuple[str, ...]
    parse: Parse
    data: bytes | None
    """The content if it is only a part of the file, else None."""

    @property
    def id(self) -> str:
        """The key that the artifact will have, `type:name`."""
        return f"{self.type}:{self.name}"

    def make_problem(
        self,
        reason: str | SourceReadError,
        detail: str | None = None,
        advice: str | None = None,
        *,
        is_skipped: bool = True,
    ) -> Problem:
        """Return a problem with this file; an error brings its own detail and advice."""
        if isinstance(reason, SourceReadError):
            detail, advice = reason.detail, reason.advice
            reason = reason.reason
        return Problem(
            escape(self.path),
            reason,
            detail,
            advice,
            self.id,
            self.collection_id,
            is_skipped=is_skipped,
        )


def parse_artifact(
    candidate: Candidate, data: bytes, origin: Origin
) -> tuple[FoundArtifact, list[Problem]]:
    """Return the artifact in `data`, and the problems despite which it is imported.

    Raises `UnreadableError` if `data` is not UTF-8.
    """
    text = decode_text(data)
    written, errors = read_front_matter(text)
    fields = redact_metadata(written)
    is_redacted = fields != written
    hashed = _serialize_redacted(fields, text) if is_redacted else data
    content_hash = hashlib.sha256(hashed).hexdigest()
    content, refusal = redact_content(text, fields, is_redacted=is_redacted)
    if refusal:
        errors = [*errors, refusal]
    problems = [candidate.make_problem(error, is_skipped=False) for error in errors]
    nested = fields.get(NESTED)
    nested = nested if isinstance(nested, dict) else {}
    tags = candidate.tags
    own_tags = split_tags(fields.get("tags"))
    if own_tags is not None:
        del fields["tags"]
    else:
        own_tags = split_tags(nested.get("tags"))
    if own_tags:
        cleaned, invalid = clean_tags(own_tags)
        if invalid:
            problems.append(
                candidate.make_problem(INVALID_TAG, invalid, TAG_RULE, is_skipped=False)
            )
        tags = deduplicate_tags((*tags, *cleaned)) if tags else cleaned
    artifact = FoundArtifact(
        type=candidate.type,
        name=candidate.name,
        title=_take_text("title", fields, nested),
        description=_take_text("description", fields, nested),
        author=_take_author(fields, nested),
        license=_take_text("license", fields, nested) or _take_text("licence", fields, nested),
        version=_take_text("version", fields, nested),
        tags=tags,
        metadata=fields,
        content_hash=content_hash,
        content=content,
        origin=origin,
        path=candidate.path,
    )
    return artifact, problems


def _serialize_redacted(fields: dict[str, JSON], text: str) -> bytes:
    """Return what is hashed: the front matter without its secrets, and the text below it.

    A hash of the file would let a reader of the catalogue guess the secrets.
    """
    below = _MARKER.split(text, maxsplit=2)[-1]
    return f"{json.dumps(fields, sort_keys=True)}\n{below}".encode()


def _take_text(key: str, fields: dict[str, JSON], nested: dict[str, JSON]) -> str | None:
    """Move the text of `key` out of `fields`, else read it in `nested`; other values stay."""
    value = fields.get(key)
    if value is None or isinstance(value, str):
        fields.pop(key, None)
    if not isinstance(value, str):
        value = nested.get(key)
    return value.strip() or None if isinstance(value, str) else None


def _take_author(fields: dict[str, JSON], nested: dict[str, JSON]) -> str | None:
    """Return the author's name, or several names with commas between them.

    Remove `author` from `fields` unless it holds more than names, such as an address.
    """
    value = fields.get("author") or nested.get("author")
    authors = value if isinstance(value, list) else [value]
    if all(_has_only_a_name(author) for author in authors):
        fields.pop("author", None)
    return ", ".join(name for name in map(_get_name, authors) if name) or None


def _has_only_a_name(value: JSON) -> bool:
    return (
        value is None
        or isinstance(value, str)
        or (isinstance(value, dict) and {*value} == {"name"})
    )


def _get_name(value: JSON) -> str | None:
    if isinstance(value, dict):
        value = value.get("name") or value.get("email")
    return value.strip() or None if isinstance(value, str) else None
