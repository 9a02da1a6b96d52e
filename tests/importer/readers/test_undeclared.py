"""What no manifest declares, or no project reads, is counted: nothing is left out in silence."""

from pathlib import Path

import pytest

from tests.importer.readers.trees import (
    PLAIN,
    ReadSource,
    ids,
    listing,
    only_problem,
    read_all,
    read_one,
    write_files,
)

MARKETPLACE = ".claude-plugin/marketplace.json"
PLUGIN = ".claude-plugin/plugin.json"

BESIDE = "files beside those that a manifest declares"
UNOWNED = "artifacts that no plugin of the marketplace has"


def list_omissions(source: ReadSource) -> list[tuple[str, str]]:
    return [(each.kind, each.path) for each in source.omissions]


def test_a_manifest_that_lists_some_files_of_a_folder_leaves_out_the_others(
    tmp_path: Path,
) -> None:
    write_files(
        tmp_path,
        {
            PLUGIN: {"name": "p", "commands": ["./commands/a.md"], "agents": "./agents/"},
            "agents/lead.md": PLAIN,
            "commands/README.md": "# About\n",
            "commands/a.md": PLAIN,
            "commands/git/b.md": PLAIN,
            "commands/tool/SKILL.md": PLAIN,
        },
    )

    source = read_one(tmp_path)

    assert ids(source) == {"p": ["agent:lead", "command:a"]}
    assert sorted(list_omissions(source)) == [
        (BESIDE, "commands/README.md"),
        (BESIDE, "commands/git/b.md"),
        (BESIDE, "commands/tool/SKILL.md"),
    ]


@pytest.mark.parametrize(
    ("other", "left_out"),
    [
        ({"commands": ["./commands/b.md"]}, ["commands/c.md"]),
        ({"commands": "./commands"}, []),
        ({}, []),
    ],
)
def test_plugins_in_one_folder_may_share_its_files(
    tmp_path: Path, other: dict[str, object], left_out: list[str]
) -> None:
    first = {"name": "first", "source": "./", "commands": ["./commands/a.md"]}
    write_files(
        tmp_path,
        {
            MARKETPLACE: listing(first, {"name": "other", "source": "./", **other}),
            **{f"commands/{name}.md": PLAIN for name in "abc"},
        },
    )

    assert list_omissions(read_one(tmp_path)) == [(BESIDE, path) for path in left_out]


def test_a_skill_that_is_a_plugin_itself_is_not_left_out(tmp_path: Path) -> None:
    write_files(
        tmp_path,
        {
            MARKETPLACE: listing(
                {"name": "set", "source": "./", "skills": ["./skills/a"]},
                {"name": "b", "source": "./skills/b"},
            ),
            **{f"skills/{name}/SKILL.md": PLAIN for name in "abc"},
        },
    )

    source = read_one(tmp_path)

    assert ids(source) == {"b": ["skill:b"], "set": ["skill:a"]}
    assert list_omissions(source) == [(BESIDE, "skills/c/SKILL.md")]


def test_a_manifest_that_declares_a_default_file_replaces_nothing(tmp_path: Path) -> None:
    write_files(
        tmp_path,
        {
            PLUGIN: {"name": "p", "monitors": "./monitors/monitors.json"},
            "agents/a.md": PLAIN,
            "monitors/monitors.json": {"monitors": []},
        },
    )

    source = read_one(tmp_path)

    assert only_problem(source).detail == "the file is an object, not a list"
    assert source.omissions == ()


def test_a_folder_in_place_of_a_file_of_definitions_is_told(tmp_path: Path) -> None:
    write_files(
        tmp_path,
        {
            PLUGIN: {"name": "p", "hooks": "./hooks"},
            "agents/a.md": PLAIN,
            "hooks/run.sh": "#!/bin/sh\n",
        },
    )

    problem = only_problem(read_one(tmp_path))

    assert (problem.path, problem.message) == (
        "hooks",
        'is declared in hooks, but is a folder; name a file in it, such as "./hooks/hooks.json"',
    )


def test_only_documents_beside_skills_in_a_folder_of_any_kind_are_counted(tmp_path: Path) -> None:
    write_files(tmp_path, {"pdf/SKILL.md": PLAIN, "notes.md": "x", "Cargo.lock": "x"})

    source = read_one(tmp_path)

    assert ids(source) == {None: ["skill:pdf"]}
    assert list_omissions(source) == [("files beside skills", "notes.md")]


def test_a_skill_beside_the_folder_of_skills_is_counted(tmp_path: Path) -> None:
    write_files(
        tmp_path,
        {PLUGIN: {"name": "p"}, "SKILL.md": PLAIN, "skills/a/SKILL.md": PLAIN},
    )

    assert list_omissions(read_one(tmp_path)) == [
        ("skills of a plugin that are not in skills/", "SKILL.md")
    ]


def test_what_no_plugin_of_a_marketplace_has_is_counted(tmp_path: Path) -> None:
    write_files(
        tmp_path,
        {
            MARKETPLACE: listing({"name": "p", "source": "./skills/p"}),
            "skills/p/SKILL.md": PLAIN,
            "skills/p/skills/inner/SKILL.md": PLAIN,
            "skills/free/SKILL.md": PLAIN,
            f"skills/kit/{PLUGIN}": {"name": "kit"},
            "agents/README.md": "# About\n",
            "agents/lead.md": PLAIN,
            "themes/night.json": {"name": "Night"},
            ".mcp.json": {"mcpServers": {"a": {"command": "a"}, "b": {"command": "b"}}},
        },
    )

    source = read_one(tmp_path)

    assert ids(source) == {"p": ["skill:inner"]}
    assert [path for kind, path in list_omissions(source) if kind == UNOWNED] == [
        "skills/free/SKILL.md",
        "skills/kit",
        "agents/lead.md",
        ".mcp.json",
    ]


def test_plugins_beside_listed_ones_are_counted(tmp_path: Path) -> None:
    write_files(
        tmp_path,
        {
            MARKETPLACE: listing(
                {"name": "a", "source": "./a"}, {"name": "b", "source": "./packages/b"}
            ),
            **{f"{path}/{PLUGIN}": {} for path in ("a", "free", "packages/b", "packages/c", ".d")},
            "a/agents/x.md": PLAIN,
            "docs/guide.md": "x",
        },
    )

    assert list_omissions(read_one(tmp_path)) == [
        ("plugins that the marketplace does not list", "free"),
        ("plugins that the marketplace does not list", "packages/c"),
    ]


@pytest.mark.parametrize("hooks", [None, "./.claude-plugin/hooks/hooks.json"])
def test_components_beside_the_manifest_are_counted_unless_they_are_declared(
    tmp_path: Path, hooks: str | None
) -> None:
    run = {"Stop": [{"hooks": [{"type": "command", "command": "true"}]}]}
    write_files(
        tmp_path,
        {
            PLUGIN: {"name": "p", "hooks": hooks},
            ".claude-plugin/hooks/hooks.json": {"hooks": run},
            ".claude-plugin/README.md": "x",
            "agents/a.md": PLAIN,
        },
    )

    omissions = list_omissions(read_one(tmp_path))

    kind = "components in .claude-plugin, which Claude Code ignores"
    assert omissions == ([] if hooks else [(kind, ".claude-plugin/hooks/hooks.json")])


def test_what_the_project_around_a_marketplace_reads_is_not_left_out(tmp_path: Path) -> None:
    write_files(
        tmp_path,
        {
            MARKETPLACE: listing({"name": "p", "source": "./p"}),
            "p/agents/a.md": PLAIN,
            "skills/linked/SKILL.md": PLAIN,
            "skills/free/SKILL.md": PLAIN,
            ".claude/skills/own/SKILL.md": PLAIN,
            ".mcp.json": {"mcpServers": {"clock": {"command": "clock"}}},
        },
    )
    (tmp_path / ".claude/skills/linked").symlink_to("../../skills/linked")

    market, project = read_all(tmp_path)

    assert list_omissions(market) == [(UNOWNED, "skills/free/SKILL.md")]
    assert ids(project) == {None: ["mcp:clock", "skill:linked", "skill:own"]}


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("../../nowhere", "is missing, or a broken link"),
        ("../../outside", "leads outside, so it is not followed"),
    ],
)
def test_a_plugin_whose_folder_is_a_link_that_cannot_be_followed_is_told_once(
    tmp_path: Path, target: str, reason: str
) -> None:
    write_files(tmp_path, {"outside/agents/secret.md": PLAIN})
    root = tmp_path / "in"
    write_files(
        root,
        {
            MARKETPLACE: listing(
                {"name": "gone", "source": "./plugins/far"}, {"name": "p", "source": "./plugins/p"}
            ),
            "plugins/p/agents/a.md": PLAIN,
        },
    )
    (root / "plugins/far").symlink_to(target)

    source = read_one(root)

    assert ids(source) == {"p": ["agent:a"]}
    problem = only_problem(source)
    assert (problem.path, problem.reason, problem.collection_id, problem.is_skipped) == (
        "plugins/far",
        reason,
        "gone",
        True,
    )


def test_a_submodule_that_is_not_checked_out_may_hide_its_artifacts(tmp_path: Path) -> None:
    write_files(
        tmp_path,
        {
            MARKETPLACE: listing(
                {"name": "far", "source": "./far"}, {"name": "near", "source": "./near"}
            ),
            "near/skills/a/SKILL.md": PLAIN,
        },
    )
    (tmp_path / "far").mkdir()
    (tmp_path / "near/skills/b").mkdir()

    source = read_one(tmp_path)

    assert ids(source) == {"far": [], "near": ["skill:a"]}
    assert {each.message.partition(";")[0] for each in source.problems} == {"is an empty folder"}
    assert [(each.path, each.artifact_id, each.hides_artifacts) for each in source.problems] == [
        ("far", None, True),
        ("near/skills/b", "skill:b", False),
    ]


def test_a_plugin_that_lists_itself_by_its_address_is_not_skipped(tmp_path: Path) -> None:
    address = {"source": "github", "repo": "acme/p"}
    write_files(
        tmp_path,
        {
            MARKETPLACE: listing(
                {"name": "p", "source": address}, {"name": "q", "source": address}
            ),
            PLUGIN: {"name": "p"},
            "agents/a.md": PLAIN,
        },
    )

    source = read_one(tmp_path)

    assert ids(source) == {"p": ["agent:a"]}
    assert only_problem(source).collection_id == "q"


def test_what_claude_code_ignores_in_a_project_is_counted(tmp_path: Path) -> None:
    server = {"command": "x", "extensionToLanguage": {".x": "x"}}
    write_files(
        tmp_path,
        {
            ".claude/agents/a.md": PLAIN,
            ".claude/.mcp.json": {"mcpServers": {"a": {"command": "a"}}},
            ".claude/hooks/hooks.json": {"hooks": {}},
            f".claude/plugins/kit/{PLUGIN}": {"name": "kit"},
            ".claude/plugins/notes/x.md": "x",
            ".lsp.json": {"x": server},
        },
    )

    source = read_one(tmp_path)

    assert (source.kind, ids(source)) == ("claude", {None: ["agent:a"]})
    assert sorted(list_omissions(source)) == [
        ("LSP servers of a project, which Claude Code ignores", ".lsp.json"),
        ("MCP servers in .claude, which Claude Code ignores", ".claude/.mcp.json"),
        ("hooks outside settings, which Claude Code ignores", ".claude/hooks/hooks.json"),
        ("plugins in .claude/plugins, which Claude Code ignores", ".claude/plugins/kit"),
    ]


@pytest.mark.parametrize("own", [{"CLAUDE.md": "x"}, {".claude/agents/a.md": PLAIN}])
def test_skills_and_plugins_below_a_project_are_counted(
    tmp_path: Path, own: dict[str, str | dict[str, object]]
) -> None:
    write_files(
        tmp_path,
        {
            **own,
            ".agents/skills/a/SKILL.md": PLAIN,
            "packages/web/skills/b/SKILL.md": PLAIN,
            "packages/web/skills/c/SKILL.md": PLAIN,
            f"tools/kit/{PLUGIN}": {"name": "kit"},
            "tools/kit/skills/d/SKILL.md": PLAIN,
            "node_modules/x/skills/e/SKILL.md": PLAIN,
        },
    )

    assert list_omissions(read_one(tmp_path)) == [
        ("folders of skills in subfolders", ".agents/skills"),
        ("plugins and marketplaces in subfolders", "tools/kit"),
        ("folders of skills in subfolders", "packages/web/skills"),
    ]


@pytest.mark.parametrize("own", [{"CLAUDE.md": "x"}, {".claude/agents/a.md": PLAIN}])
def test_folders_that_may_belong_to_another_tool_are_counted(
    tmp_path: Path, own: dict[str, str | dict[str, object]]
) -> None:
    write_files(tmp_path, {**own, "rules/no-tabs.md": "x", "themes/night.json": {"colors": {}}})

    source = read_one(tmp_path)

    assert len(source.artifacts) == 1
    assert list_omissions(source) == [
        ("folders that may be another tool's", "rules"),
        ("folders that may be another tool's", "themes"),
    ]


def test_scripts_in_subfolders_of_workflows_are_no_workflows(tmp_path: Path) -> None:
    write_files(
        tmp_path,
        {
            ".claude/workflows/audit.js": "export const meta = {name: 'audit'}\n",
            ".claude/workflows/lib/helper.js": "export const help = () => 1\n",
        },
    )

    source = read_one(tmp_path)

    assert ids(source) == {None: ["workflow:audit"]}
    assert list_omissions(source) == [("subfolders of workflows", ".claude/workflows/lib")]
