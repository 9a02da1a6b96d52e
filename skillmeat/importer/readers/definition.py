"""An artifact that a part of a JSON file defines: a server, a monitor, or a file's hooks."""

import hashlib
import json
from collections.abc import Mapping
from functools import partial

from skillmeat.importer.readers import redaction
from skillmeat.importer.readers.artifact_file import Candidate
from skillmeat.importer.readers.folder_scan import ScanResult, SourcePath
from skillmeat.importer.readers.json_file import NOT_AN_OBJECT, OBJECT_RULE, name_type, read_json
from skillmeat.importer.readers.model import JSON, FoundArtifact, Origin, Problem
from skillmeat.importer.readers.safe_files import UnreadableError
from skillmeat.importer.readers.text import is_valid_name

LARGEST = 256 * 1024
_LONGEST_DESCRIPTION = 300


def read_definitions(source_path: SourcePath, result: ScanResult) -> JSON:
    """Return the value in a JSON file. Raises `UnreadableError`."""
    value, repeated = read_json(source_path.real)
    result.add_repeated_keys(source_path, repeated)
    return value


def read_object(source_path: SourcePath, result: ScanResult) -> dict[str, JSON]:
    """Return the object in a JSON file. Raises `UnreadableError`."""
    value = read_definitions(source_path, result)
    if not isinstance(value, dict):
        raise UnreadableError(NOT_AN_OBJECT, name_type(value), OBJECT_RULE)
    return value


def add_definition(
    type_: str,
    name: str,
    definition: Mapping[str, JSON],
    source_path: SourcePath,
    result: ScanResult,
) -> None:
    """Add an artifact with a definition, from which every secret is removed first."""
    try:
        _check_size(definition)
        redacted = redaction.redact_definition(definition)
    except UnreadableError as error:
        artifact = f"{type_}:{name}" if is_valid_name(name) else None
        result.add_problem(source_path, error, artifact=artifact)
        return
    # The hash is that of the redacted definition: a hash of the file would let a secret be guessed.
    canonical = json.dumps(redacted, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    result.add_candidate(
        type_,
        name,
        source_path,
        parse=partial(parse_definition, version=result.get_version(source_path)),
        data=canonical.encode(),
    )


def _check_size(definition: Mapping[str, JSON]) -> None:
    # A page shows the definition of each artifact, so a large one would make every page slow.
    try:
        size = len(json.dumps(definition))
    except RecursionError:
        # The redaction refuses it.
        return
    if size > LARGEST:
        reason = f"defines something larger than {LARGEST // 1024} KiB"
        raise UnreadableError(reason, f"{size // 1024} KiB", "shorten it")


def parse_definition(
    candidate: Candidate, data: bytes, origin: Origin, *, version: str | None
) -> tuple[FoundArtifact, list[Problem]]:
    """Return the artifact of a redacted definition; `version` is its plugin's."""
    definition: dict[str, JSON] = json.loads(data)
    title = _get_text(definition, "title", "displayName", "name")
    artifact = FoundArtifact(
        type=candidate.type,
        name=candidate.name,
        title=title if title != candidate.name else None,
        description=_get_text(definition, "description") or _describe(definition),
        author=None,
        license=None,
        version=_get_text(definition, "version") or version,
        tags=candidate.tags,
        metadata={"definition": definition},
        content_hash=hashlib.sha256(data).hexdigest(),
        content=json.dumps(definition, ensure_ascii=False, indent=2) + "\n",
        origin=origin,
        path=candidate.path,
    )
    return artifact, []


def _get_text(definition: Mapping[str, JSON], *keys: str) -> str | None:
    """Return the first of these fields that holds text which is not replaced."""
    for key in keys:
        value = definition.get(key)
        if isinstance(value, str) and value.strip() not in ("", redaction.REDACTED):
            return value.strip()
    return None


def _describe(definition: Mapping[str, JSON]) -> str | None:
    """Describe the action of the definition in Claude Code, in one line."""
    events = definition.get("hooks")
    if isinstance(events, dict):
        return _shorten(f"Runs on {', '.join(events)}.")
    command, url = _get_text(definition, "command"), _get_text(definition, "url")
    if command is None:
        return _shorten(f"Connects to {url}.") if url else None
    arguments = definition.get("args")
    words = [command, *(map(str, arguments) if isinstance(arguments, list) else ())]
    languages = definition.get("extensionToLanguage")
    suffixes = f" for {', '.join(languages)}" if isinstance(languages, dict) else ""
    return _shorten(f"Runs {' '.join(words)}{suffixes}.")


def _shorten(text: str) -> str:
    if len(text) <= _LONGEST_DESCRIPTION:
        return text
    return text[: _LONGEST_DESCRIPTION - 1] + "…"
