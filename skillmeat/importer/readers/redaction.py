"""The replacement of values that may be secrets, before anything else sees a configuration.

Keys stay, and so do references such as `${TOKEN}`. Every other value is replaced, unless its place
and its form leave no room for a secret: a program, the name of an option, a script, a host.
"""

import re
import shlex
from collections.abc import Callable, Iterable, Mapping
from typing import Final
from urllib.parse import urlsplit

from skillmeat.importer.readers.model import JSON
from skillmeat.importer.readers.safe_files import UnreadableError
from skillmeat.importer.readers.text import replace_unstorable

REDACTED: Final = "***"
DEEPEST: Final = 64

_REFERENCE = re.compile(r"\$\{[A-Za-z_][\w.]*(?P<default>:-[^}]*)?\}", re.ASCII)

# Folders that Claude Code and the shell fill in. What follows other variables may be a secret.
_FOLDER = r"\$\{?(?:CLAUDE_PLUGIN_ROOT|CLAUDE_PLUGIN_DATA|CLAUDE_PROJECT_DIR|HOME|PWD)\}?"
_SCRIPT_SUFFIXES = "bat|cjs|cmd|exe|go|jar|js|mjs|mts|php|pl|ps1|py|rb|sh|ts"
_PROGRAM = re.compile(rf"(?:{_FOLDER}/)?[\w.+~/-]{{1,120}}", re.ASCII)
_SCRIPT = re.compile(
    rf"{_FOLDER}(?:/[\w.+-]+)*/?|(?:[~.]{{0,2}}/)?(?:[\w.+-]+/)*[\w.+-]+\.(?:{_SCRIPT_SUFFIXES})",
    re.ASCII,
)
_SHORT_OPTION = re.compile(r"-[A-Za-z]", re.ASCII)
_LONG_OPTION = re.compile(r"--[A-Za-z][A-Za-z0-9-]*", re.ASCII)
_ASSIGNMENT = re.compile(r"[A-Z][A-Z0-9_]*=", re.ASCII)
_PACKAGE = re.compile(r"(?:@[\w.-]+/)?[\w.-]+(?:@[\w.^~-]+|==[\w.]+)?", re.ASCII)
_HOST = re.compile(r"[\w.-]+", re.ASCII)

# These programs run the package that is their first argument after these options.
_PACKAGE_RUNNERS = frozenset(("bunx", "npx", "pipx", "pnpx", "uvx"))
_OPTIONS_BEFORE_PACKAGE = frozenset(("-y", "--yes", "-q", "--quiet", "run", "--bun"))

_PATH_PARTS = frozenset(("", "api", "http", "mcp", "messages", "sse", "stream", "v1", "v2", "ws"))

# Words that Claude Code itself defines.
_WORDS = frozenset(
    (
        *("agent", "command", "mcp_tool", "prompt"),
        *("http", "sdk", "socket", "sse", "sse-ide", "stdio", "streamable-http", "ws", "ws-ide"),
        *("always", "bash", "powershell"),
    )
)
_NUMBERS = frozenset(
    ("maxRestarts", "priority", "shutdownTimeout", "startupTimeout", "timeout", "version")
)
_LARGEST_NUMBER = 10**9
_LONGEST_COMMAND = 10_000

_REPEATED = re.compile(rf"{re.escape(REDACTED)}(?: {re.escape(REDACTED)})+")

# The fields of front matter, and of SkillMeat's records, that hold configuration.
CONFIGURATION_FIELDS: Final = frozenset(("env", "headers", "hooks", "lspServers", "mcpServers"))
_FIELDS = frozenset(("args", "command", "env", "headers", "oauth", "settings", "type", "url"))

_LANGUAGE = re.compile(r"[a-z][a-z0-9+#.-]{0,30}", re.ASCII)
_NAME = re.compile(r"[\w:.-]{1,100}", re.ASCII)


class TooDeepError(UnreadableError):
    """A value that is nested deeper than any real configuration."""


def redact_definition(definition: Mapping[str, JSON], depth: int = 1) -> dict[str, JSON]:
    """Return the definition of a server, a hook or a monitor without its secrets.

    Raises `TooDeepError`.
    """
    return {
        replace_unstorable(key): _redact_field(key, value, definition, depth)
        for key, value in definition.items()
    }


def _redact_hooks(hooks: dict[str, JSON] | list[JSON], depth: int) -> JSON:
    """Return the hooks of an object, or those of each event, without their secrets."""
    if isinstance(hooks, list):
        return _redact_definitions(hooks, depth)
    return {
        replace_unstorable(event): _redact_definitions(groups, depth + 1)
        if isinstance(groups, list)
        else redact_value(groups, depth + 1)
        for event, groups in hooks.items()
    }


def redact_metadata(metadata: dict[str, JSON]) -> dict[str, JSON]:
    """Return the metadata without the secrets of the servers and hooks that it may describe.

    Skills and agents bring such configuration in their front matter. Raises `TooDeepError`.
    """
    return {
        key: _redact_configuration(key, value)
        if key in CONFIGURATION_FIELDS
        else _redact_nested(value)
        for key, value in metadata.items()
    }


def _redact_nested(value: JSON) -> JSON:
    if isinstance(value, dict):
        return redact_metadata(value)
    return [_redact_nested(each) for each in value] if isinstance(value, list) else value


def _redact_configuration(key: str, value: JSON) -> JSON:
    if key == "hooks" and isinstance(value, dict):
        return _redact_hooks(value, 1)
    if key.endswith("Servers") and isinstance(value, dict):
        return _redact_servers(value)
    if key.endswith("Servers") and isinstance(value, list):
        return [_redact_listed_server(each) for each in value]
    return redact_value(value)


def _redact_servers(servers: Mapping[str, JSON]) -> dict[str, JSON]:
    return {
        replace_unstorable(name): redact_definition(each)
        if isinstance(each, dict)
        else redact_value(each)
        for name, each in servers.items()
    }


def _redact_listed_server(server: JSON) -> JSON:
    """Redact an item of an agent's list: the name of a server, or a name with a definition."""
    if isinstance(server, str):
        return _keep_name(server)
    if not isinstance(server, dict):
        return redact_value(server)
    # Not what Claude Code documents, but clear enough: the definition itself, without a name.
    is_definition = not server.keys().isdisjoint(_FIELDS)
    return redact_definition(server) if is_definition else _redact_servers(server)


def _redact_field(key: str, value: JSON, definition: Mapping[str, JSON], depth: int) -> JSON:
    if isinstance(value, str):
        return _TEXTS.get(key, redact_text)(value)
    if isinstance(value, list) and key == "args":
        return _redact_arguments(definition.get("command"), value)
    if isinstance(value, dict | list) and key == "hooks":
        return _redact_hooks(value, depth + 1)
    if isinstance(value, dict) and key == "extensionToLanguage":
        return {
            replace_unstorable(suffix): _keep(_LANGUAGE, language)
            for suffix, language in value.items()
        }
    is_small = isinstance(value, int | float) and 0 <= value <= _LARGEST_NUMBER
    return value if is_small and key in _NUMBERS else redact_value(value, depth + 1)


def _redact_definitions(definitions: list[JSON], depth: int) -> list[JSON]:
    _check_depth(depth)
    return [
        redact_definition(each, depth + 1)
        if isinstance(each, dict)
        else redact_value(each, depth + 1)
        for each in definitions
    ]


def redact_value(value: JSON, depth: int = 1) -> JSON:
    """Replace every text and number in `value`. Raises `TooDeepError`."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return redact_text(value)
    _check_depth(depth)
    if isinstance(value, dict):
        return {
            replace_unstorable(key): redact_value(each, depth + 1) for key, each in value.items()
        }
    if isinstance(value, list):
        return [redact_value(each, depth + 1) for each in value]
    return REDACTED


def _check_depth(depth: int) -> None:
    if depth > DEEPEST:
        reason = f"is nested more than {DEEPEST} levels deep"
        raise TooDeepError(reason, advice="nest it less deep")


def redact_text(text: str) -> str:
    """Keep the references in `text`: `Bearer ${TOKEN}` becomes `***${TOKEN}`."""
    kept: list[str] = []
    end = 0
    for reference in _REFERENCE.finditer(text):
        kept.append(REDACTED if reference.start() > end else "")
        kept.append(_redact_default(reference))
        end = reference.end()
    kept.append(REDACTED if end < len(text) else "")
    return "".join(kept)


def _redact_default(reference: re.Match[str]) -> str:
    default = reference["default"]
    if default is None or default == ":-":
        return reference[0]
    return f"{reference[0][: reference.start('default') - reference.start()]}:-{REDACTED}}}"


def redact_command(text: str) -> str:
    """Keep the program, the scripts and the names of options of a shell command."""
    try:
        words = shlex.split(text[:_LONGEST_COMMAND])
    except ValueError:
        # The quotes do not match, so only the first word is certain to be one.
        words = [*text.split(maxsplit=1)[:1], REDACTED]
    # One mark for any number of replaced words in a row.
    return re.sub(_REPEATED, REDACTED, " ".join(_redact_words(words)))


def redact_url(text: str) -> str:
    """Keep the scheme, the host and the port of a URL, and common parts of the path."""
    try:
        url = urlsplit(text)
        host, port = url.hostname or "", url.port
    except ValueError:
        return redact_text(text)
    if url.scheme not in {"http", "https", "ws", "wss"} or not _HOST.fullmatch(host):
        return redact_text(text)
    user = f"{REDACTED}@" if "@" in url.netloc else ""
    parts = (part if part in _PATH_PARTS else REDACTED for part in url.path.split("/"))
    query = f"?{REDACTED}" if url.query or url.fragment else ""
    return f"{url.scheme}://{user}{host}{f':{port}' if port else ''}{'/'.join(parts)}{query}"


def _redact_arguments(command: JSON, arguments: Iterable[JSON]) -> list[JSON]:
    program = command if isinstance(command, str) else ""
    words = [each if isinstance(each, str) else REDACTED for each in arguments]
    return [*_redact_words([program, *words])[1:]]


def _redact_words(words: list[str]) -> list[str]:
    """Return one word for each of `words`, of which the first is the program."""
    kept: list[str] = []
    is_program, is_package = True, False
    for word in words:
        assignment = _ASSIGNMENT.match(word)
        if is_program and assignment:
            kept.append(assignment[0] + redact_text(word[assignment.end() :]))
        elif is_program:
            kept.append(_keep(_PROGRAM, word))
            is_program = False
            is_package = word.rpartition("/")[2] in _PACKAGE_RUNNERS
        elif is_package and word not in _OPTIONS_BEFORE_PACKAGE:
            kept.append(_keep(_PACKAGE, word))
            is_package = False
        else:
            kept.append(_redact_word(word))
    return kept


def _redact_word(word: str) -> str:
    if _SHORT_OPTION.fullmatch(word) or _LONG_OPTION.fullmatch(word) or _SCRIPT.fullmatch(word):
        return word
    option, equals, value = word.partition("=")
    if equals and _LONG_OPTION.fullmatch(option):
        return f"{option}={redact_text(value)}"
    return redact_text(word)


def _keep(pattern: re.Pattern[str], value: JSON) -> str:
    """Return the value if it is text of this form, else what may stay of it."""
    if not isinstance(value, str):
        return REDACTED
    return value if pattern.fullmatch(value) else redact_text(value)


def _keep_word(text: str) -> str:
    return text if text in _WORDS else redact_text(text)


def _keep_name(text: str) -> str:
    return _keep(_NAME, text)


_TEXTS: Mapping[str, Callable[[str], str]] = {
    "command": redact_command,
    "description": replace_unstorable,
    "displayName": replace_unstorable,
    "headersHelper": redact_command,
    "matcher": replace_unstorable,
    "name": replace_unstorable,
    "server": _keep_name,
    "shell": _keep_word,
    "title": replace_unstorable,
    "tool": _keep_name,
    "transport": _keep_word,
    "type": _keep_word,
    "url": redact_url,
    "version": _keep_name,
    "when": _keep_name,
}
