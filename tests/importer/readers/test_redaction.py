from typing import Any

import pytest

from skillmeat.importer.readers.redaction import (
    TooDeepError,
    redact_command,
    redact_definition,
    redact_metadata,
    redact_text,
    redact_url,
)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("hunter2", "***"),
        ("", ""),
        ("${TOKEN}", "${TOKEN}"),
        ("Bearer ${user_config.token}", "***${user_config.token}"),
        ("${TOKEN:-hunter2}/x", "${TOKEN:-***}***"),
        ("key ${TOKEN:-hunter2}", "***${TOKEN:-***}"),
        ("${TOKEN:-}", "${TOKEN:-}"),
        # None of these is a reference that Claude Code expands.
        ("pa$$word", "***"),
        ("${not a name}", "***"),
        ("${A:-${B}}", "${A:-***}***"),
    ],
)
def test_a_text_keeps_its_references_only(text: str, kept: str) -> None:
    assert redact_text(text) == kept


@pytest.mark.parametrize(
    ("command", "kept"),
    [
        (
            "npx -y @scope/server@1.2 hunter2 --key=hunter2 --url x",
            "npx -y @scope/server@1.2 *** --key=*** --url ***",
        ),
        (
            'bash "${CLAUDE_PLUGIN_ROOT}/hooks/stop.sh" hunter2',
            "bash ${CLAUDE_PLUGIN_ROOT}/hooks/stop.sh ***",
        ),
        (
            "TOKEN=hunter2 HOME=${HOME} node dist/server.js",
            "TOKEN=*** HOME=${HOME} node dist/server.js",
        ),
        ("curl -H 'Authorization: Bearer hunter2' https://me:hunter2@host/", "curl -H ***"),
        ("echo 'hunter2 && hunter2", "echo ***"),
        ("mysql -phunter2", "mysql ***"),
        ("npx --token hunter2 server", "npx --token ***"),
        ("token=hunter2 node x.js", "*** x.js"),
        ("/opt/hunter 2", "/opt/hunter ***"),
        ("", ""),
    ],
)
def test_a_command_keeps_its_program_its_scripts_and_the_names_of_options(
    command: str, kept: str
) -> None:
    assert redact_command(command) == kept


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://mcp.host.dev:8443/v1/sse", "https://mcp.host.dev:8443/v1/sse"),
        ("https://me:hunter2@host.dev/mcp", "https://***@host.dev/mcp"),
        ("https://host.dev/s/hunter2/mcp?key=hunter2#a", "https://host.dev/***/***/mcp?***"),
        ("https://host.dev/mcp#hunter2", "https://host.dev/mcp?***"),
        ("https:///hunter2", "***"),
        ("https://${HOST}/mcp", "***${HOST}***"),
        ("${BASE:-https://me:hunter2@host.dev}/mcp", "${BASE:-***}***"),
        ("postgres://me:hunter2@host.dev/db", "***"),
        ("https://host.dev:hunter2/mcp", "***"),
        ("http://[hunter2/", "***"),
    ],
)
def test_a_url_keeps_its_host_and_the_common_words_of_its_path(url: str, kept: str) -> None:
    assert redact_url(url) == kept


def test_a_definition_keeps_every_key_and_no_value_that_may_be_a_secret() -> None:
    definition = redact_definition(
        {
            "type": "stdio",
            "command": "uvx",
            "args": ["server", "--port", "8080", "hunter2", 7, "./start.sh"],
            "env": {"TOKEN": "hunter2", "HOST": "${HOST}", "type": "stdio", "name": "n", "PORT": 1},
            "headers": {"Authorization": "Bearer hunter2"},
            "oauth": {"clientId": "hunter2", "xaa": True},
            "timeout": 30,
            "startupTimeout": 0,
            "priority": -1,
            "pin": 1234,
            "description": "A server.",
            "extensionToLanguage": {".go": "go", ".x": "Hunter 2"},
            "maxRestarts": 10**40,
            "note\x00": None,
        }
    )

    assert definition == {
        "type": "stdio",
        "command": "uvx",
        "args": ["server", "--port", "***", "***", "***", "./start.sh"],
        "env": {"TOKEN": "***", "HOST": "${HOST}", "type": "***", "name": "***", "PORT": "***"},
        "headers": {"Authorization": "***"},
        "oauth": {"clientId": "***", "xaa": True},
        "timeout": 30,
        "startupTimeout": 0,
        "priority": "***",
        "pin": "***",
        "description": "A server.",
        "extensionToLanguage": {".go": "go", ".x": "***"},
        "maxRestarts": "***",
        "note\ufffd": None,
    }


@pytest.mark.parametrize("key", ["args", "extensionToLanguage", "hooks"])
def test_a_field_that_is_neither_a_list_nor_an_object_is_replaced(key: str) -> None:
    assert redact_definition({key: 7}) == {key: "***"}


def test_hooks_keep_their_events_matchers_and_types() -> None:
    hook: Any = {"type": "command", "command": "curl -d hunter2 host", "timeout": 5}
    prompt: Any = {
        "type": "prompt",
        "prompt": "Is hunter2 in it?",
        "once": True,
        "if": "Bash(hunter2)",
    }
    definition = redact_definition(
        {"hooks": {"Stop": [{"matcher": "Edit|Write", "hooks": [hook, prompt]}], "Odd": "hunter2"}}
    )

    assert definition == {
        "hooks": {
            "Stop": [
                {
                    "matcher": "Edit|Write",
                    "hooks": [
                        {"type": "command", "command": "curl -d ***", "timeout": 5},
                        {"type": "prompt", "prompt": "***", "once": True, "if": "***"},
                    ],
                }
            ],
            "Odd": "***",
        }
    }


def test_metadata_keeps_no_secret_of_the_servers_and_hooks_in_it() -> None:
    metadata: dict[str, Any] = {
        "description": "hunter2 is the hero of this story.",
        "tools": ["Read"],
        "env": {"TOKEN": "hunter2", "name": {"name": "hunter2"}},
        "headers": ["hunter2"],
        "mcpServers": ["github", {"own": {"command": "run", "env": {"TOKEN": "hunter2"}}}],
        "hooks": {"Stop": [{"hooks": [{"type": "http", "url": "https://host.dev/hunter2"}]}]},
        "extra": [{"headers": {"Authorization": "hunter2"}, "name": "n"}],
    }

    assert redact_metadata(metadata) == {
        "description": "hunter2 is the hero of this story.",
        "tools": ["Read"],
        "env": {"TOKEN": "***", "name": {"name": "***"}},
        "headers": ["***"],
        "mcpServers": ["github", {"own": {"command": "run", "env": {"TOKEN": "***"}}}],
        "hooks": {"Stop": [{"hooks": [{"type": "http", "url": "https://host.dev/***"}]}]},
        "extra": [{"headers": {"Authorization": "***"}, "name": "n"}],
    }


@pytest.mark.parametrize("key", ["settings", "hooks"])
def test_a_definition_that_is_nested_too_deep_is_refused(key: str) -> None:
    definition: dict[str, Any] = {}
    for _ in range(200):
        definition = {key: [definition]}

    with pytest.raises(TooDeepError, match="more than 64 levels deep"):
        redact_definition(definition)
