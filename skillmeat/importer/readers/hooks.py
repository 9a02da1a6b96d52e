"""The readers of hooks and monitors, which make Claude Code run programs by itself.

The hooks of one file are one artifact, because Claude Code loads a file as a whole. An event is no
name: the hooks on `Stop` of two plugins have nothing in common.
"""

from collections.abc import Iterator, Mapping
from itertools import chain, count

from skillmeat.importer.readers.definition import add_definition, read_definitions, read_object
from skillmeat.importer.readers.folder_scan import ScanResult, SourcePath
from skillmeat.importer.readers.json_file import name_type
from skillmeat.importer.readers.model import JSON
from skillmeat.importer.readers.project_files import get_folder_name, get_project_name
from skillmeat.importer.readers.text import escape, is_valid_name

_DEFAULT = "/hooks/hooks.json"
_REFUSED = "defines hooks that Claude Code does not load"
_REFUSED_MONITOR = "defines a monitor that Claude Code does not load"
_MONITOR_RULE = "the file needs a list of objects, each with a name and a command"
_RULE = "each event needs a list of objects, and each object a list of hooks with a type"


def scan_hooks(source_path: SourcePath, result: ScanResult) -> None:
    """Add the hooks in a plugin's JSON file."""
    value = read_definitions(source_path, result)
    name = _name_hooks(source_path, _get_stem(source_path), result)
    _add_hooks(value, name, source_path, result)


def scan_inline_hooks(
    value: object, _plugin: SourcePath, manifest: SourcePath, result: ScanResult
) -> None:
    """Add the hooks inside a plugin.json or a marketplace's entry."""
    if isinstance(value, dict):
        _add_hooks(value, _name_hooks(manifest, "inline", result), manifest, result)


def scan_settings(source_path: SourcePath, result: ScanResult) -> None:
    """Add the hooks in the settings of a project or of a user."""
    value = read_object(source_path, result)
    if value.get("statusLine"):
        result.add_omission("status lines", source_path)
    if value.get("mcpServers"):
        result.add_omission("MCP servers in settings, which Claude Code does not read", source_path)
    if value.get("hooks"):
        name = f"{get_project_name(result)}/{_get_stem(source_path)}"
        _add_hooks({"hooks": value["hooks"]}, name, source_path, result)


def _get_stem(source_path: SourcePath) -> str:
    return source_path.path.rpartition("/")[2].removesuffix(".json")


def _name_hooks(source_path: SourcePath, stem: str, result: ScanResult) -> str:
    """Return the name of the plugin; with the file's name, and a number, if other hooks have it."""
    plugin = source_path.collection_id or get_folder_name(source_path.real.removesuffix(_DEFAULT))
    taken = {
        each.name
        for each in result.candidates
        if (each.type, each.collection_id) == ("hook", source_path.collection_id)
    }
    numbered = (f"{plugin}/{stem}-{number}" for number in count(2))
    return next(name for name in chain((plugin, f"{plugin}/{stem}"), numbered) if name not in taken)


def _add_hooks(value: JSON, name: str, source_path: SourcePath, result: ScanResult) -> None:
    events = value.get("hooks", value) if isinstance(value, dict) else value
    artifact = f"hook:{name}" if is_valid_name(name) else None
    if isinstance(value, dict) and value.get("modules"):
        result.add_omission("modules of mods", source_path)
    if not isinstance(events, dict):
        detail = f"hooks is {name_type(events)}, not an object with a list for each event"
        result.add_problem(source_path, _REFUSED, detail, _RULE, artifact=artifact)
        return
    usable: dict[str, JSON] = {}
    flaws: list[str] = []
    for event, groups in events.items():
        if events is value and (isinstance(groups, str) or event == "modules"):
            # Without the key `hooks`, the events stand beside a description, a $schema and the
            # paths of modules.
            continue
        checked = list(_check_groups(event, groups))
        good = [group for group, flaw in checked if flaw is None]
        flaws += [flaw for _, flaw in checked if flaw]
        if good:
            usable[event] = good
    for flaw in flaws:
        result.add_problem(
            source_path, _REFUSED, flaw, _RULE, artifact=artifact, is_skipped=not usable
        )
    if usable:
        about = value if isinstance(value, dict) else {}
        definition: dict[str, JSON] = {
            key: about[key] for key in ("description", "version") if isinstance(about.get(key), str)
        }
        definition["hooks"] = usable
        add_definition("hook", name, definition, source_path, result)


def _check_groups(event: str, groups: JSON) -> Iterator[tuple[JSON, str | None]]:
    """Yield each object of an event, and why Claude Code does not load it, or None."""
    shown = escape(event)[:80]
    if not isinstance(groups, list):
        yield groups, f"{shown} is {name_type(groups)}, not a list"
        return
    for group in groups:
        flaw = _find_flaw(group)
        yield group, f"{shown} holds {flaw}" if flaw else None


def _find_flaw(group: JSON) -> str | None:
    if not isinstance(group, dict):
        return f"{name_type(group)}, not an object"
    hooks = group.get("hooks")
    if not isinstance(hooks, list):
        return "an object without a list of hooks"
    types = [each.get("type") if isinstance(each, dict) else None for each in hooks]
    return None if all(isinstance(each, str) for each in types) else "a hook without a type"


def scan_monitors(source_path: SourcePath, result: ScanResult) -> None:
    """Add the monitors in a plugin's JSON file, which is a list."""
    value = read_definitions(source_path, result)
    if isinstance(value, list):
        for each in value:
            _add_monitor(each, source_path, result)
    else:
        detail = f"the file is {name_type(value)}, not a list"
        result.add_problem(
            source_path, _REFUSED_MONITOR, detail, _MONITOR_RULE, hides_artifacts=True
        )


def scan_inline_monitor(
    value: object, _plugin: SourcePath, manifest: SourcePath, result: ScanResult
) -> None:
    """Add a monitor inside a plugin.json."""
    if isinstance(value, dict):
        _add_monitor(value, manifest, result)


def _add_monitor(monitor: JSON, source_path: SourcePath, result: ScanResult) -> None:
    if not isinstance(monitor, Mapping):
        detail = f"a monitor is {name_type(monitor)}, not an object"
        result.add_problem(source_path, _REFUSED_MONITOR, detail, _MONITOR_RULE)
        return
    name = monitor.get("name")
    if not isinstance(name, str) or not isinstance(monitor.get("command"), str):
        detail = "a monitor has no name, or no command"
        artifact = f"monitor:{name}" if isinstance(name, str) and is_valid_name(name) else None
        result.add_problem(source_path, _REFUSED_MONITOR, detail, _MONITOR_RULE, artifact=artifact)
        return
    add_definition("monitor", name, monitor, source_path, result)
