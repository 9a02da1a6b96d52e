"""The readers of MCP and LSP servers: from a JSON file, or from a manifest itself."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from skillmeat.importer.readers.definition import add_definition, read_object
from skillmeat.importer.readers.folder_scan import ScanResult, SourcePath
from skillmeat.importer.readers.json_file import OBJECT_RULE, name_type
from skillmeat.importer.readers.model import JSON
from skillmeat.importer.readers.text import escape, is_valid_name

_REFUSED = "defines a server that Claude Code does not load"
_RULE = "correct the server, or remove it"
_BUNDLES = (".mcpb", ".dxt")


@dataclass(frozen=True, slots=True)
class ServerKind:
    """A kind of server: the type of its artifacts, and the key above them in a file."""

    type: str
    wrapper: str
    find_flaw: Callable[[Mapping[str, JSON]], str | None]
    """Returns why Claude Code does not load the server, or None."""


def scan_servers(kind: ServerKind, source_path: SourcePath, result: ScanResult) -> None:
    """Add the servers in a JSON file, with or without the key above them."""
    if source_path.path.lower().endswith(_BUNDLES):
        result.add_omission("MCP bundles", source_path)
        return
    value = read_object(source_path, result)
    servers = value.get(kind.wrapper, value)
    if kind is LSP and servers is not value:
        result.add_problem(
            source_path,
            f"has the key {kind.wrapper} above its servers",
            advice="Claude Code loads a file that has the servers themselves",
            is_skipped=False,
        )
    _add_servers(kind, servers, source_path, result)


def scan_inline_servers(
    kind: ServerKind,
    value: object,
    _plugin: SourcePath,
    manifest: SourcePath,
    result: ScanResult,
) -> None:
    """Add the servers that a plugin.json or a marketplace's entry defines itself."""
    if isinstance(value, dict):
        _add_servers(kind, value.get(kind.wrapper, value), manifest, result)


def scan_home_servers(source_path: SourcePath, result: ScanResult) -> None:
    """Add the MCP servers of a user, from the file in which Claude Code keeps its state."""
    value = read_object(source_path, result)
    if "mcpServers" in value:
        _add_servers(MCP, value["mcpServers"], source_path, result)
    projects = value.get("projects")
    for project in projects.values() if isinstance(projects, dict) else ():
        servers = project.get("mcpServers") if isinstance(project, dict) else None
        for _ in servers if isinstance(servers, dict) else ():
            result.add_omission("MCP servers of a single project", source_path)


def _add_servers(
    kind: ServerKind, servers: JSON, source_path: SourcePath, result: ScanResult
) -> None:
    if not isinstance(servers, dict):
        detail = f"{kind.wrapper} is {name_type(servers)}, not an object"
        result.add_problem(source_path, _REFUSED, detail, OBJECT_RULE, hides_artifacts=True)
        return
    for name, server in servers.items():
        if not isinstance(server, dict):
            if not name.startswith(("$", "_")):
                _refuse(kind, name, f"is {name_type(server)}, not an object", source_path, result)
            continue
        flaw = kind.find_flaw(server)
        if flaw:
            _refuse(kind, name, flaw, source_path, result)
            continue
        if kind is MCP and "type" not in server and "command" not in server:
            detail = escape(name)[:80]
            advice = 'Claude Code needs "type": "http" beside the url'
            reason = "defines a server with a url, but without a type"
            result.add_problem(source_path, reason, detail, advice, is_skipped=False)
        add_definition(kind.type, name, server, source_path, result)


def _refuse(
    kind: ServerKind, name: str, flaw: str, source_path: SourcePath, result: ScanResult
) -> None:
    artifact = f"{kind.type}:{name}" if is_valid_name(name) else None
    detail = f"{escape(name)[:80]} {flaw}"
    result.add_problem(source_path, _REFUSED, detail, _RULE, artifact=artifact)


def _find_mcp_flaw(server: Mapping[str, JSON]) -> str | None:
    if server.get("type") == "sdk":
        return "is of the type sdk, which only a program can start"
    if not server.get("command") and not server.get("url"):
        return "has neither a command nor a url"
    return _find_wrong_type(server, texts=("type", "command", "url"), maps=("env", "headers"))


def _find_lsp_flaw(server: Mapping[str, JSON]) -> str | None:
    for key in ("command", "extensionToLanguage"):
        if not server.get(key):
            return f"has no {key}"
    return _find_wrong_type(server, texts=("command",), maps=("env", "extensionToLanguage"))


def _find_wrong_type(
    server: Mapping[str, JSON], *, texts: Iterable[str], maps: Iterable[str]
) -> str | None:
    """Return the first field whose value has a type that Claude Code refuses, and its type."""
    for key in texts:
        if key in server and not isinstance(server[key], str):
            return f"has {name_type(server[key])} as {key}, not a text"
    arguments = server.get("args", [])
    if not isinstance(arguments, list) or not all(isinstance(each, str) for each in arguments):
        return "has args that are not a list of texts"
    for key in maps:
        value = server.get(key, {})
        if not isinstance(value, dict):
            return f"has {name_type(value)} as {key}, not an object"
        for name, each in value.items():
            if not isinstance(each, str):
                return f"has {name_type(each)} as {key}.{escape(name)[:80]}, not a text"
    return None


MCP: Final = ServerKind("mcp", "mcpServers", _find_mcp_flaw)
LSP: Final = ServerKind("lsp_server", "lspServers", _find_lsp_flaw)
