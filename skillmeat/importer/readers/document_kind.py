"""The kind of a document by the fields of its front matter: an agent or a command."""
# Paths are strings, not Path objects, because a source may have 100,000 of them.
# ruff: noqa: PTH119

import os
from collections.abc import Iterator

from skillmeat.importer.readers import safe_files
from skillmeat.importer.readers.document_scan import is_documentation
from skillmeat.importer.readers.folder_scan import SourcePath
from skillmeat.importer.readers.front_matter import read_front_matter
from skillmeat.importer.readers.safe_files import UnreadableError

# Fields that only agents or only commands have, according to Claude Code's documentation.
_AGENT_FIELDS = frozenset(
    {
        "tools",
        "disallowedTools",
        "permissionMode",
        "maxTurns",
        "mcpServers",
        "memory",
        "isolation",
        "color",
        "initialPrompt",
        "skills",
    }
)
_COMMAND_FIELDS = frozenset(
    {
        "allowed-tools",
        "argument-hint",
        "arguments",
        "disable-model-invocation",
        "disallowed-tools",
        "user-invocable",
        "when_to_use",
        "context",
        "shell",
    }
)


def classify_document(file: str) -> Iterator[str]:
    """Yield `agents`, `commands` or nothing, by the fields of a file's front matter."""
    if is_documentation(SourcePath(file, os.path.basename(file))):
        return
    try:
        fields = read_front_matter(safe_files.decode_text(safe_files.read_file(file))).fields
    except UnreadableError:
        return
    is_agent = not _AGENT_FIELDS.isdisjoint(fields)
    is_command = not _COMMAND_FIELDS.isdisjoint(fields)
    if is_agent != is_command:
        yield "agents" if is_agent else "commands"
    elif not is_agent and {"name", "description"} <= fields.keys():
        # Claude Code needs both for an agent, and ignores a command's name.
        yield "agents"
