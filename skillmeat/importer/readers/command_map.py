"""The commands that a manifest defines itself, as an object of names."""

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from skillmeat.importer.readers import safe_files
from skillmeat.importer.readers.artifact_file import Candidate, parse_artifact
from skillmeat.importer.readers.folder_scan import ScanResult, SourcePath
from skillmeat.importer.readers.manifest import Manifest, get_path, get_text
from skillmeat.importer.readers.model import FoundArtifact, Origin, Problem
from skillmeat.importer.readers.safe_files import UnreadableError
from skillmeat.importer.readers.text import escape, replace_unstorable

# A manifest and a command's front matter name the same thing differently.
_FRONT_MATTER = {
    "description": "description",
    "argumentHint": "argument-hint",
    "model": "model",
    "allowedTools": "allowed-tools",
}


def scan_command_map(
    value: Manifest, plugin: SourcePath, manifest: SourcePath, result: ScanResult
) -> None:
    """Add the commands of `{"name": {"source": "./x.md"}}`, `{"name": {"content": "…"}}`, or both.

    One `{"source": "./x.md"}` without a name is the command x.
    """
    if get_path(value):
        value = {get_text(value, "name") or "": value}
    for name, definition in value.items():
        command: Mapping[str, object] | None = None
        if isinstance(definition, str):
            command = {"source": definition}
        elif isinstance(definition, Mapping):
            command = definition
        path = get_path(command) if command else None
        content = command.get("content") if command else None
        if command and path:
            _add_file(name, path, command, plugin, result)
        elif command and isinstance(content, str):
            data = (
                f"---\n{json.dumps(_list_fields(command), ensure_ascii=False)}\n---\n\n{content}\n"
            )
            result.add_candidate("command", name, manifest, data=replace_unstorable(data).encode())
        else:
            result.add_problem(
                manifest,
                "a command has neither a source nor content",
                escape(name)[:80],
                'write {"source": "./commands/<name>.md"}',
                hides_artifacts=True,
            )


def _add_file(
    name: str, path: str, command: Manifest, plugin: SourcePath, result: ScanResult
) -> None:
    try:
        file = safe_files.join_inside(path, plugin.real)
        source_path = plugin.join(os.path.relpath(file, plugin.real).replace(os.sep, "/"))
        source_path = result.resolve(source_path)
    except UnreadableError as error:
        result.add_problem(plugin, error, f"commands {escape(path)[:80]}", hides_artifacts=True)
        return
    name = name or source_path.path.rpartition("/")[2].removesuffix(".md")
    parse = partial(_parse_command, get_text(command, "description"))
    result.add_candidate("command", name, source_path, parse=parse, is_renamed=True)


def _parse_command(
    description: str | None, candidate: Candidate, data: bytes, origin: Origin
) -> tuple[FoundArtifact, list[Problem]]:
    """Parse the file, and take the manifest's description if the file has none."""
    artifact, problems = parse_artifact(candidate, data, origin)
    return replace(artifact, description=artifact.description or description), problems


def _list_fields(command: Manifest) -> dict[str, object]:
    return {_FRONT_MATTER[key]: value for key, value in command.items() if key in _FRONT_MATTER}
