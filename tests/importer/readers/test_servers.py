import json
from pathlib import Path
from typing import Any

import pytest

from skillmeat.importer.readers import FoundArtifact
from tests.importer.readers.trees import ReadSource, ids, listing, read_one, write_files

MANIFEST = ".claude-plugin/plugin.json"
GO = {"command": "gopls", "extensionToLanguage": {".go": "go"}}


def by_name(source: ReadSource) -> dict[str, FoundArtifact]:
    """Return the artifacts of the only plugin."""
    (plugin,) = source.collections
    return {artifact.name: artifact for artifact in plugin.artifacts}


def told(source: ReadSource) -> list[tuple[str, str | None]]:
    """Return what differs from problem to problem, and the artifact that it costs."""
    return [(problem.detail or problem.reason, problem.artifact_id) for problem in source.problems]


@pytest.mark.parametrize(
    "files",
    [
        {".mcp.json": {"mcpServers": {"clock": {"command": "date"}}}},
        {".mcp.json": {"$schema": "x", "clock": {"command": "date"}}},
        {MANIFEST: {"mcpServers": {"clock": {"command": "date"}}}},
        {MANIFEST: {"mcpServers": ["./a.json"]}, "a.json": {"clock": {"command": "date"}}},
        {MANIFEST: {"mcpServers": "./.mcp.json"}, ".mcp.json": {"clock": {"command": "date"}}},
        {MANIFEST: {"mcpServers": {"mcpServers": {"clock": {"command": "date"}}}}},
    ],
)
def test_a_plugin_declares_mcp_servers_in_a_file_or_in_its_manifest(
    tmp_path: Path, files: dict[str, Any]
) -> None:
    write_files(tmp_path, {MANIFEST: {}, **files, "skills/s/SKILL.md": "---\na: 1\n---\n"})

    source = read_one(tmp_path)

    assert (ids(source), source.problems) == ({tmp_path.name: ["mcp:clock", "skill:s"]}, ())


def test_the_servers_of_the_manifest_add_to_those_of_the_file_and_win(tmp_path: Path) -> None:
    own = {"both": {"command": "new"}, "same": {"command": "same"}, "own": {"command": "own"}}
    file = {"both": {"command": "old"}, "same": {"command": "same"}, "file": {"command": "file"}}
    write_files(tmp_path, {MANIFEST: {"name": "p", "mcpServers": own}, ".mcp.json": file})

    source = read_one(tmp_path)

    found = {name: artifact.description for name, artifact in by_name(source).items()}
    assert found == {
        "both": "Runs new.",
        "same": "Runs same.",
        "own": "Runs own.",
        "file": "Runs file.",
    }
    assert told(source) == [(MANIFEST, "mcp:both")]


def test_of_two_definitions_of_a_server_the_later_one_counts(tmp_path: Path) -> None:
    declared = [
        "./z.json",
        "./a.json",
        {"inline": {"command": "one"}},
        {"inline": {"command": "two"}},
    ]
    write_files(
        tmp_path,
        {
            MANIFEST: {"name": "p", "mcpServers": declared},
            ".mcp.json": {"file": {"command": "default"}, "both": {"command": "default"}},
            "z.json": {"both": {"command": "z"}, "file": {"command": "z"}},
            "a.json": {"both": {"command": "a"}},
        },
    )

    source = read_one(tmp_path)

    found = {name: artifact.description for name, artifact in by_name(source).items()}
    assert found == {"file": "Runs z.", "both": "Runs a.", "inline": "Runs two."}
    assert told(source) == [
        ("a.json", "mcp:both"),
        ("a.json", "mcp:both"),
        ("z.json", "mcp:file"),
        (MANIFEST, "mcp:inline"),
    ]


def test_a_server_has_its_plugins_version_and_a_description(tmp_path: Path) -> None:
    servers = {
        "told": {"command": "a", "description": "Tells the time.", "name": "Clock", "version": "3"},
        "run": {"command": "npx", "args": ["-y", "pkg@1", "hunter2"], "env": {"A": "hunter2"}},
        "far": {"type": "http", "url": "https://host.dev/mcp?key=hunter2"},
    }
    manifest = {"name": "p", "version": "1.2.0", "keywords": ["time"], "lspServers": {"go": GO}}
    write_files(tmp_path, {MANIFEST: manifest, ".mcp.json": {"mcpServers": servers}})

    found = by_name(read_one(tmp_path))

    assert {
        name: (artifact.title, artifact.description, artifact.version, artifact.tags)
        for name, artifact in found.items()
    } == {
        "far": (None, "Connects to https://host.dev/mcp?***.", "1.2.0", ("time",)),
        "go": (None, "Runs gopls for .go.", "1.2.0", ("time",)),
        "run": (None, "Runs npx -y pkg@1 ***.", "1.2.0", ("time",)),
        "told": ("Clock", "Tells the time.", "3", ("time",)),
    }
    assert found["run"].metadata == {
        "definition": {"command": "npx", "args": ["-y", "pkg@1", "***"], "env": {"A": "***"}}
    }


def test_the_hash_follows_the_definition_and_no_secret(tmp_path: Path) -> None:
    def read_hash(folder: str, text: str) -> str:
        write_files(tmp_path / folder, {MANIFEST: {"name": "p"}, ".mcp.json": text})
        return by_name(read_one(tmp_path / folder))["s"].content_hash

    first = read_hash("1", '{"s": {"command": "a", "env": {"K": "one"}}}')
    other_secret = read_hash("2", '{"s": {"env": {"K": "two"},\n\t"command": "a"}}')
    other_program = read_hash("3", '{"s": {"command": "b", "env": {"K": "one"}}}')

    assert (first == other_secret, first == other_program) == (True, False)


def test_a_broken_server_costs_that_server_only(tmp_path: Path) -> None:
    deep: object = "hunter2"
    for _ in range(100):
        deep = [deep]
    servers = {
        "good": {"command": "a"},
        "list": ["hunter2"],
        "empty": {},
        "args": {"command": "a", "args": "hunter2"},
        "env": {"command": "a", "env": {"PORT": 8080}},
        "url": {"url": ["hunter2"]},
        "sdk": {"type": "sdk", "name": "x"},
        "deep": {"command": "a", "settings": deep},
        "large": {"command": "a", "args": ["hunter2" * 40_000]},
        " bad name": {"command": "a"},
        "untyped": {"url": "https://host.dev/mcp"},
    }
    lsp = {"go": GO, "none": {"command": "x"}, "no": {"extensionToLanguage": {}, "command": "x"}}
    write_files(
        tmp_path,
        {MANIFEST: {"name": "p", "lspServers": lsp}, ".mcp.json": {"mcpServers": servers}},
    )

    source = read_one(tmp_path)

    assert ids(source) == {"p": ["lsp_server:go", "mcp:good", "mcp:untyped"]}
    assert sorted(told(source), key=str) == sorted(
        [
            ("list is a list, not an object", "mcp:list"),
            ("empty has neither a command nor a url", "mcp:empty"),
            ("args has args that are not a list of texts", "mcp:args"),
            ("env has a number as env.PORT, not a text", "mcp:env"),
            ("url has a list as url, not a text", "mcp:url"),
            ("sdk is of the type sdk, which only a program can start", "mcp:sdk"),
            ("is nested more than 64 levels deep", "mcp:deep"),
            ("273 KiB", "mcp:large"),
            ("its name is not valid", None),
            ("untyped", None),
            ("none has no extensionToLanguage", "lsp_server:none"),
            ("no has no extensionToLanguage", "lsp_server:no"),
        ],
        key=str,
    )
    assert "hunter2" not in str(source)


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        # Python 3.13 has another message for it.
        ('{"s": {"command": "a",}}', "line 1: "),
        ('{\n// hunter2\n"s": {}}', "line 2: Expecting property name enclosed in double quotes"),
        ("[" * 100_000, "it is nested too deep, or a number is too long or not a number"),
        (
            '{"s": {"timeout": NaN}}',
            "it is nested too deep, or a number is too long or not a number",
        ),
        ('["hunter2"]', "a list"),
        ('{"mcpServers": ["hunter2"]}', "mcpServers is a list, not an object"),
        ("\xff", "byte 1 is 0xff"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_problem_and_quotes_nothing(
    tmp_path: Path, text: str, detail: str
) -> None:
    write_files(tmp_path, {MANIFEST: {"name": "p"}, "agents/a.md": "---\na: 1\n---\n"})
    (tmp_path / ".mcp.json").write_bytes(text.encode("latin-1"))

    source = read_one(tmp_path)

    assert ids(source) == {"p": ["agent:a"]}
    (problem,) = source.problems
    assert (problem.path, problem.hides_artifacts) == (".mcp.json", True)
    assert detail in problem.message
    assert "hunter2" not in problem.message


def test_a_byte_order_mark_is_ignored_and_a_repeated_key_is_told(tmp_path: Path) -> None:
    text = '\ufeff{"s": {"command": "old"}, "s": {"command": "new"}}'
    write_files(tmp_path, {MANIFEST: {"name": "p"}, ".mcp.json": text})

    source = read_one(tmp_path)

    assert by_name(source)["s"].description == "Runs new."
    assert told(source) == [("s", None)]


def test_an_lsp_file_with_a_wrapper_is_read_with_a_note(tmp_path: Path) -> None:
    write_files(tmp_path, {MANIFEST: {"name": "p"}, ".lsp.json": {"lspServers": {"go": GO}}})

    source = read_one(tmp_path)

    assert ids(source) == {"p": ["lsp_server:go"]}
    assert [problem.is_skipped for problem in source.problems] == [False]


def test_a_marketplace_entry_declares_servers_for_a_plugin_without_a_manifest(
    tmp_path: Path,
) -> None:
    entry = {"name": "lsp", "source": "./lsp", "strict": False, "lspServers": {"go": GO}}
    write_files(
        tmp_path, {".claude-plugin/marketplace.json": listing(entry), "lsp/README.md": "Read me."}
    )

    assert ids(read_one(tmp_path)) == {"lsp": ["lsp_server:go"]}


def test_a_bundle_is_counted_and_not_read(tmp_path: Path) -> None:
    write_files(
        tmp_path,
        {
            MANIFEST: {
                "name": "p",
                "mcpServers": ["./a.mcpb", "./b.json", "https://host.dev/c.mcpb?key=hunter2"],
            },
            "a.mcpb": b"PK\x03\x04",
            "b.json": json.dumps({"s": {"command": "a"}}),
        },
    )

    source = read_one(tmp_path)

    assert ids(source) == {"p": ["mcp:s"]}
    assert [(each.kind, each.path) for each in source.omissions] == [
        ("MCP bundles", "a.mcpb"),
        ("remote MCP bundles", MANIFEST),
    ]


def test_servers_in_the_entry_of_a_plugin_with_a_manifest_are_told(tmp_path: Path) -> None:
    entry = {"name": "p", "source": "./p", "mcpServers": {"s": {"command": "a"}}}
    write_files(
        tmp_path,
        {
            ".claude-plugin/marketplace.json": listing(entry),
            "p/.claude-plugin/plugin.json": {"name": "p"},
            "p/agents/a.md": "---\na: 1\n---\n",
        },
    )

    source = read_one(tmp_path)

    assert (ids(source), told(source)) == ({"p": ["agent:a"]}, [("p", None)])
