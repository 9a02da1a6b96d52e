from pathlib import Path

import pytest

from tests.importer.readers.trees import ids, read_one, write_files

MANIFEST = ".claude-plugin/plugin.json"

FILES: dict[str, str] = {
    "output-styles/terse.md": "---\nname: Few words\ndescription: Says little.\n---\nBe terse.\n",
    "output-styles/plain.md": "Say it plainly.\n",
    "workflows/audit.js": (
        "export const meta = {\n  name: 'audit',\n  description:\n    'It\\'s an audit',\n}\n"
    ),
    "workflows/bare.js": "await agent('description: \"no\"')\n",
    "themes/night.json": '{"name": "Night", "base": "dark", "overrides": {"error": "#ff0000"}}',
}


def test_a_plugin_has_output_styles_workflows_and_themes(tmp_path: Path) -> None:
    write_files(tmp_path, {MANIFEST: {"name": "p"}, **FILES})

    source = read_one(tmp_path)

    (plugin,) = source.collections
    assert [(each.id, each.title, each.description) for each in plugin.artifacts] == [
        ("output_style:plain", None, None),
        ("output_style:terse", "Few words", "Says little."),
        ("theme:night", "Night", None),
        ("workflow:audit", None, "It's an audit"),
        ("workflow:bare", None, None),
    ]
    assert source.problems == ()


def test_a_declared_path_replaces_the_default_folder(tmp_path: Path) -> None:
    manifest: dict[str, object] = {
        "name": "p",
        "outputStyles": "./styles/",
        "workflows": ["./jobs/run.js"],
        "experimental": {"themes": "./colors"},
    }
    other: dict[str, str | dict[str, str]] = {
        "styles/loud.md": "Shout.\n",
        "jobs/run.js": "await agent('Run.')\n",
        "colors/day.json": {"base": "light"},
    }
    write_files(tmp_path, {**FILES, **other, MANIFEST: manifest})

    assert ids(read_one(tmp_path)) == {"p": ["output_style:loud", "theme:day", "workflow:run"]}


@pytest.mark.parametrize(
    ("name", "content", "artifact"),
    [
        ("workflows/bad.js", b"\xff", "workflow:bad"),
        ("themes/bad.json", b"{'name': 'x'}", "theme:bad"),
        ("themes/bad.json", b"[]", "theme:bad"),
        ("output-styles/bad.md", b"", "output_style:bad"),
    ],
)
def test_a_file_that_cannot_be_read_costs_that_file_only(
    tmp_path: Path, name: str, content: bytes, artifact: str
) -> None:
    write_files(tmp_path, {MANIFEST: {"name": "p"}, **FILES, name: content})

    source = read_one(tmp_path)

    assert len(ids(source)["p"]) == len(FILES)
    assert [problem.artifact_id for problem in source.problems] == [artifact]


def test_what_the_import_passes_over_is_counted_by_kind(tmp_path: Path) -> None:
    write_files(
        tmp_path,
        {
            MANIFEST: {"name": "p", "channels": [{"server": "a"}, {"server": "b"}]},
            "bin/tool": "#!/bin/sh\n",
            "bin/other": "#!/bin/sh\n",
            "settings.json": {"agent": "a"},
            "agents/openai.yaml": "a: b\n",
            "commands/git/hook.sh": "#!/bin/sh\n",
            "skills/flat.md": "Not one.\n",
            "skills/one/SKILL.md": "One.\n",
            "workflows/notes.md": "Not one.\n",
            "workflows/README.md": "About them.\n",
            **FILES,
        },
    )

    source = read_one(tmp_path)

    assert [(each.kind, each.path) for each in source.omissions] == [
        ("files beside skills", "skills/flat.md"),
        ("files beside agents that are not .md", "agents/openai.yaml"),
        ("files beside commands that are not .md", "commands/git/hook.sh"),
        ("files beside workflows that are not .js", "workflows/notes.md"),
        ("channels", MANIFEST),
        ("channels", MANIFEST),
        ("executables", "bin/other"),
        ("executables", "bin/tool"),
        ("settings of plugins", "settings.json"),
    ]


def test_a_plugin_that_has_only_such_files_is_found_in_the_plugins_folder(tmp_path: Path) -> None:
    write_files(
        tmp_path,
        {
            "plugins/hooked/hooks/hooks.json": {
                "hooks": {"Stop": [{"hooks": [{"type": "command", "command": "a"}]}]}
            },
            "plugins/served/.mcp.json": {"s": {"command": "a"}},
            "plugins/styled/output-styles/a.md": "A.\n",
            "plugins/only-tools/bin/tool": "#!/bin/sh\n",
        },
    )

    assert ids(read_one(tmp_path)) == {
        "hooked": ["hook:hooked"],
        "served": ["mcp:s"],
        "styled": ["output_style:a"],
    }
