"""The parsers of files that need no front matter: rules, output styles, workflows and themes."""

import hashlib
import re
from dataclasses import replace
from typing import Final

from skillmeat.importer.readers.artifact_file import Candidate, parse_artifact
from skillmeat.importer.readers.json_file import NOT_AN_OBJECT, OBJECT_RULE, name_type, parse_json
from skillmeat.importer.readers.model import FoundArtifact, Origin, Problem
from skillmeat.importer.readers.safe_files import UnreadableError, decode_text
from skillmeat.importer.readers.text import replace_unstorable

_NO_FRONT_MATTER: Final = "no front matter"

# A workflow begins with `export const meta = {name: '…', description: '…'}`.
_META = re.compile(r"^export\s+const\s+meta\s*=\s*\{", re.MULTILINE)
_LONGEST_META = 4096
_FIELD = r"\b{}\s*:\s*(?P<quote>['\"`])(?P<text>(?:\\.|(?!(?P=quote))[^\\])*)(?P=quote)"
_NAME = re.compile(_FIELD.format("name"), re.DOTALL)
_DESCRIPTION = re.compile(_FIELD.format("description"), re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "\n": ""}


def parse_text(
    candidate: Candidate, data: bytes, origin: Origin
) -> tuple[FoundArtifact, list[Problem]]:
    """Return the artifact in a Markdown file, whose front matter is optional.

    Raises `UnreadableError` if `data` is not UTF-8.
    """
    artifact, problems = parse_artifact(candidate, data, origin)
    name = artifact.metadata.get("name")
    if artifact.title is None and isinstance(name, str) and name.strip() != artifact.name:
        artifact = replace(artifact, title=name.strip() or None)
    return artifact, [each for each in problems if each.reason != _NO_FRONT_MATTER]


def parse_workflow(
    candidate: Candidate, data: bytes, origin: Origin
) -> tuple[FoundArtifact, list[Problem]]:
    """Return the artifact in a workflow's script. Raises `UnreadableError` if it is not UTF-8."""
    text = decode_text(data)
    meta = _META.search(text)
    block = text[meta.end() : meta.end() + _LONGEST_META] if meta else ""
    return _make_artifact(
        candidate,
        data,
        origin,
        title=_find_field(_NAME, block),
        description=_find_field(_DESCRIPTION, block),
    ), []


def _find_field(field: re.Pattern[str], block: str) -> str | None:
    found = field.search(block)
    if found is None:
        return None
    text = _ESCAPE.sub(lambda escape: _ESCAPED.get(escape[1], escape[1]), found["text"])
    return replace_unstorable(text).strip() or None


def parse_theme(
    candidate: Candidate, data: bytes, origin: Origin
) -> tuple[FoundArtifact, list[Problem]]:
    """Return the artifact in a theme's JSON file. Raises `UnreadableError`."""
    value, _ = parse_json(data)
    if not isinstance(value, dict):
        raise UnreadableError(NOT_AN_OBJECT, name_type(value), OBJECT_RULE)
    name = value.get("name")
    title = replace_unstorable(name).strip() if isinstance(name, str) else None
    return _make_artifact(candidate, data, origin, title=title or None, description=None), []


def _make_artifact(
    candidate: Candidate, data: bytes, origin: Origin, *, title: str | None, description: str | None
) -> FoundArtifact:
    return FoundArtifact(
        type=candidate.type,
        name=candidate.name,
        title=title if title != candidate.name else None,
        description=description,
        author=None,
        license=None,
        version=None,
        tags=candidate.tags,
        metadata={},
        content_hash=hashlib.sha256(data).hexdigest(),
        content=decode_text(data),
        origin=origin,
        path=candidate.path,
    )
