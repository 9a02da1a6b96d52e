"""The table of components: their places in plugins and Claude folders, and their scans."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal, TypeAlias

from skillmeat.importer.readers import safe_files, servers
from skillmeat.importer.readers.command_map import scan_command_map
from skillmeat.importer.readers.document_scan import scan_documents, scan_documents_beside
from skillmeat.importer.readers.folder_scan import ScanResult, SourcePath
from skillmeat.importer.readers.hooks import (
    scan_hooks,
    scan_inline_hooks,
    scan_inline_monitor,
    scan_monitors,
    scan_settings,
)
from skillmeat.importer.readers.manifest import Manifest
from skillmeat.importer.readers.omissions import omit, omit_inline
from skillmeat.importer.readers.project_files import (
    omit_context_file,
    omit_plugins,
    scan_context_file,
)
from skillmeat.importer.readers.safe_files import UnreadableError
from skillmeat.importer.readers.skill_scan import (
    SKILL,
    omit_root_skills,
    scan_root_skill,
    scan_skills,
)
from skillmeat.importer.readers.text_files import parse_text, parse_theme, parse_workflow

Scan: TypeAlias = Callable[[SourcePath, ScanResult], None]
"""Adds the artifacts of a file or folder that exists, with its links resolved."""

ScanInline: TypeAlias = Callable[[Manifest, SourcePath, SourcePath, ScanResult], None]
"""Adds the artifacts that a manifest defines itself: the value, the plugin, and the manifest."""

Scope = Literal["claude", "project", "home"]


@dataclass(frozen=True, slots=True)
class Component:
    """A component of plugins."""

    field: str
    """The key in plugin.json and in the marketplace's entry; a dot leads into an object."""
    default: str
    """The path in the plugin that is scanned unless the manifest declares another; may be empty."""
    scan: Scan
    keeps_default: bool = False
    """Whether the default is scanned too if the manifest declares paths."""
    scan_inline: ScanInline | None = None
    """Reads an object in place of a path; None if an object has no meaning."""
    is_overridden: bool = False
    """Whether the default is scanned first, because a later definition of a name replaces it."""
    is_read_from_entry: bool = True
    """Whether the marketplace's entry may declare it for a plugin that has a plugin.json."""
    scan_root: Scan | None = None
    """Scans the plugin's own folder, if a manifest declares that; None to use `scan`."""
    omit_root: Scan | None = None
    """Counts what lies in the plugin's own folder although no manifest declares it."""
    file: str | None = None
    """The name of the file that a manifest may declare in place of the folder that it is in."""
    is_complete_at_root: bool = False
    """Whether paths that an entry declares are all, if its source is the marketplace itself."""


@dataclass(frozen=True, slots=True)
class Place:
    """A path of a Claude folder, of a project or of a home that may hold artifacts."""

    path: str
    scan: Scan
    scope: Scope = "claude"
    """The folder that `path` starts at: .claude, the project with it, or the user's home."""
    nests: bool = False
    """Whether a subfolder is part of a name; then `scan` takes a `prefix` of names."""


scan_agents = partial(scan_documents, "agent", has_documentation=True)
scan_commands = partial(scan_documents, "command", has_skills=True)
scan_mcp_servers = partial(servers.scan_servers, servers.MCP)
scan_output_styles = partial(scan_documents, "output_style", parse=parse_text)
scan_themes = partial(scan_documents, "theme", suffix=".json", parse=parse_theme)
scan_workflows = partial(
    scan_documents, "workflow", suffix=".js", parse=parse_workflow, is_flat=True
)

# A file that two components lead to belongs to the first of them.
COMPONENTS: tuple[Component, ...] = (
    Component(
        "skills",
        "skills",
        scan_skills,
        keeps_default=True,
        scan_root=scan_root_skill,
        omit_root=omit_root_skills,
        file=SKILL,
        is_complete_at_root=True,
    ),
    Component("agents", "agents", scan_agents, scan_root=partial(scan_documents_beside, "agent")),
    Component(
        "commands",
        "commands",
        scan_commands,
        scan_inline=scan_command_map,
        scan_root=partial(scan_documents_beside, "command"),
    ),
    Component("outputStyles", "output-styles", scan_output_styles),
    Component("workflows", "workflows", scan_workflows),
    Component(
        "hooks", "hooks/hooks.json", scan_hooks, keeps_default=True, scan_inline=scan_inline_hooks
    ),
    Component(
        "mcpServers",
        ".mcp.json",
        scan_mcp_servers,
        keeps_default=True,
        is_overridden=True,
        scan_inline=partial(servers.scan_inline_servers, servers.MCP),
        is_read_from_entry=False,
    ),
    Component(
        "lspServers",
        ".lsp.json",
        partial(servers.scan_servers, servers.LSP),
        keeps_default=True,
        is_overridden=True,
        scan_inline=partial(servers.scan_inline_servers, servers.LSP),
        is_read_from_entry=False,
    ),
    Component("experimental.themes", "themes", scan_themes),
    Component(
        "experimental.monitors",
        "monitors/monitors.json",
        scan_monitors,
        scan_inline=scan_inline_monitor,
    ),
)

# Claude Code's plugins may have these too; the import only counts them.
OMITTED_COMPONENTS: tuple[Component, ...] = (
    Component(
        "channels",
        "",
        partial(omit, "channels"),
        scan_inline=partial(omit_inline, "channels"),
    ),
    Component("bin", "bin", partial(omit, "executables")),
    Component("CLAUDE.md", "CLAUDE.md", omit_context_file),
    Component("experimental.evals", "evals", partial(omit, "evaluation cases")),
    Component(
        "settings",
        "settings.json",
        partial(omit, "settings of plugins"),
        scan_inline=partial(omit_inline, "settings of plugins"),
    ),
)

PLACES: tuple[Place, ...] = (
    Place("skills", scan_skills),
    Place("agents", scan_agents, nests=True),
    Place("commands", scan_commands, nests=True),
    Place("output-styles", scan_output_styles),
    Place("workflows", scan_workflows),
    Place("rules", partial(scan_documents, "rule_file", parse=parse_text), nests=True),
    Place("themes", scan_themes),
    Place("settings.json", scan_settings),
    Place("settings.local.json", scan_settings),
    Place("CLAUDE.md", scan_context_file),
    Place("CLAUDE.md", scan_context_file, "project"),
    Place("CLAUDE.local.md", scan_context_file, "project"),
    Place(".mcp.json", scan_mcp_servers, "project"),
    Place(".claude.json", servers.scan_home_servers, "home"),
)

# These may be there too; the import only counts them. AGENTS.md belongs to other tools, and Claude
# Code reads it at most in place of a CLAUDE.md. SkillMeat itself keeps specifications, context and
# progress in .claude.
OMITTED_PLACES: tuple[Place, ...] = (
    Place("plugins/marketplaces", partial(omit, "installed marketplaces")),
    Place("plugins", omit_plugins),
    Place("hooks/hooks.json", partial(omit, "hooks outside settings, which Claude Code ignores")),
    Place(".mcp.json", partial(omit, "MCP servers in .claude, which Claude Code ignores")),
    Place("keybindings.json", partial(omit, "key bindings")),
    Place("agent-memory", partial(omit, "memories of agents")),
    Place("agent-memory-local", partial(omit, "memories of agents")),
    Place("specs", partial(omit, "specifications")),
    Place("context", partial(omit, "context documents")),
    Place("progress", partial(omit, "progress documents")),
    Place("AGENTS.md", partial(omit, "AGENTS.md files"), "project"),
)


def scan_path(scan: Scan, source_path: SourcePath, result: ScanResult) -> None:
    """Scan a path if it exists, or add the problem that keeps it from being read."""
    try:
        if not safe_files.exists(source_path.real):
            return
        resolved = result.resolve(source_path)
        safe_files.check_loop(source_path.real, resolved.real)
        scan(resolved, result)
    except UnreadableError as error:
        result.add_problem(source_path, error, hides_artifacts=True)
