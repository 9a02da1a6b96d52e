from pathlib import Path

import pytest

from tests.importer.readers.trees import ReadSource, ids, listing, read_all, read_one, write_files

RUN = {"Stop": [{"hooks": [{"type": "command", "command": "run"}]}]}
FILES: dict[str, str | dict[str, object]] = {
    "CLAUDE.md": "# About\n",
    "CLAUDE.local.md": "Mine.\n",
    "AGENTS.md": "For others.\n",
    ".mcp.json": {"mcpServers": {"clock": {"command": "date"}}},
    ".claude/CLAUDE.md": "---\ndescription: More about it.\n---\nMore.\n",
    ".claude/rules/style.md": "Write plainly.\n",
    ".claude/rules/web/react.md": "---\npaths: src/*.tsx\ndescription: React.\n---\nUse hooks.\n",
    ".claude/output-styles/dry.md": "Be dry.\n",
    ".claude/workflows/audit.js": "await agent('Audit.')\n",
    ".claude/settings.json": {"hooks": RUN, "statusLine": {"type": "command", "command": "x"}},
    ".claude/settings.local.json": {
        "hooks": RUN,
        "env": {"TOKEN": "hunter2"},
        "mcpServers": {"unread": {"command": "hunter2"}},
    },
    ".claude/keybindings.json": {"bindings": []},
    ".claude/agent-memory/reviewer/MEMORY.md": "hunter2\n",
    ".claude/specs/doc.md": "Specify.\n",
    ".claude/progress/one/two.md": "Done.\n",
}


def list_ids(source: ReadSource) -> list[str]:
    """Return the ids of the artifacts that are in no plugin."""
    return [artifact.id for artifact in source.artifacts]


def count_omissions(source: ReadSource) -> dict[str, int]:
    """Return how many paths of each kind were passed over."""
    kinds = [each.kind for each in source.omissions]
    return {kind: kinds.count(kind) for kind in kinds}


@pytest.mark.parametrize("named", ["shop", "shop/.claude"])
def test_a_project_has_what_claude_code_loads_in_it(tmp_path: Path, named: str) -> None:
    write_files(tmp_path / "shop", FILES)

    source = read_one(tmp_path / named)

    assert list_ids(source) == [
        "context_file:shop/.claude/CLAUDE",
        "context_file:shop/CLAUDE",
        "context_file:shop/CLAUDE.local",
        "hook:shop/settings",
        "hook:shop/settings.local",
        "mcp:clock",
        "output_style:dry",
        "rule_file:style",
        "rule_file:web/react",
        "workflow:audit",
    ]
    assert [(each.id, each.description) for each in source.artifacts if each.description] == [
        ("context_file:shop/.claude/CLAUDE", "More about it."),
        ("hook:shop/settings", "Runs on Stop."),
        ("hook:shop/settings.local", "Runs on Stop."),
        ("mcp:clock", "Runs date."),
        ("rule_file:web/react", "React."),
    ]
    assert source.problems == ()
    assert count_omissions(source) == {
        "status lines": 1,
        "MCP servers in settings, which Claude Code does not read": 1,
        "key bindings": 1,
        "memories of agents": 1,
        "specifications": 1,
        "progress documents": 1,
        "AGENTS.md files": 1,
    }
    assert "hunter2" not in str(source)


def test_a_home_has_its_own_files_and_the_servers_of_its_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    project = {"mcpServers": {"local": {"command": "x"}}, "history": ["hunter2"]}
    state = {
        "mcpServers": {"mine": {"type": "http", "url": "https://host.dev/mcp"}},
        "projects": {"/src/a": project, "/src/b": {}, "/src/c": None},
        "oauthAccount": {"token": "hunter2"},
    }
    write_files(
        tmp_path,
        {
            ".claude.json": state,
            ".claude/CLAUDE.md": "Me.\n",
            ".claude/rules/mine.md": "Mine.\n",
            ".claude/settings.json": {"hooks": RUN},
        },
    )

    sources = [read_one(tmp_path), read_one(tmp_path / ".claude")]

    assert [list_ids(source) for source in sources] == [
        [
            "context_file:claude-home/.claude/CLAUDE",
            "hook:claude-home/settings",
            "mcp:mine",
            "rule_file:mine",
        ]
    ] * 2
    assert count_omissions(sources[0]) == {"MCP servers of a single project": 1}
    assert "hunter2" not in str(sources)


@pytest.mark.parametrize(
    ("file", "artifact"),
    [
        ("CLAUDE.md", "context_file:shop/CLAUDE"),
        (".claude/CLAUDE.md", "context_file:shop/.claude/CLAUDE"),
        (".claude/settings.local.json", "hook:shop/settings.local"),
        (".mcp.json", "mcp:clock"),
        (".claude/output-styles/dry.md", "output_style:dry"),
        (".claude/rules/web/react.md", "rule_file:web/react"),
        (".claude/workflows/audit.js", "workflow:audit"),
    ],
)
def test_a_file_that_is_named_alone_has_the_name_that_it_has_in_its_project(
    tmp_path: Path, file: str, artifact: str
) -> None:
    write_files(tmp_path / "shop", FILES)

    assert list_ids(read_one(tmp_path / "shop" / file)) == [artifact]


def test_hooks_that_are_named_alone_have_the_name_of_their_plugins_folder(tmp_path: Path) -> None:
    write_files(tmp_path / "format", {"hooks/hooks.json": {"hooks": RUN}})

    alone = read_one(tmp_path / "format" / "hooks" / "hooks.json")
    plugin = read_one(tmp_path / "format")

    assert (ids(alone), ids(plugin)) == ({None: ["hook:format"]}, {"format": ["hook:format"]})


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"CLAUDE.md": "# About\n"}, ["context_file:shop/CLAUDE"]),
        ({".mcp.json": {"mcpServers": {"clock": {"command": "date"}}}}, ["mcp:clock"]),
    ],
)
def test_a_project_needs_no_claude_folder(
    tmp_path: Path, files: dict[str, str | dict[str, object]], expected: list[str]
) -> None:
    write_files(tmp_path / "shop", {**files, "AGENTS.md": "For others.\n"})

    assert list_ids(read_one(tmp_path / "shop")) == expected


def test_a_context_file_that_links_to_agents_md_is_read(tmp_path: Path) -> None:
    write_files(tmp_path / "shop", {"AGENTS.md": "For all.\n"})
    (tmp_path / "shop" / "CLAUDE.md").symlink_to("AGENTS.md")

    source = read_one(tmp_path / "shop")

    assert (list_ids(source), source.problems) == (["context_file:shop/CLAUDE"], ())


def test_broken_settings_cost_their_hooks_only(tmp_path: Path) -> None:
    write_files(
        tmp_path / "shop",
        {
            ".claude/settings.json": '{"hooks": {"Stop": "hunter2"}}',
            ".claude/settings.local.json": '{"hooks": // hunter2\n}',
            ".claude/rules/a.md": "A.\n",
            ".mcp.json": "[]",
        },
    )

    source = read_one(tmp_path / "shop")

    assert list_ids(source) == ["rule_file:a"]
    assert sorted(problem.path for problem in source.problems) == [
        ".claude/settings.json",
        ".claude/settings.local.json",
        ".mcp.json",
    ]
    assert "hunter2" not in str(source)


def test_the_kinds_of_the_marketplace_and_of_the_project_around_it_are_read(tmp_path: Path) -> None:
    write_files(
        tmp_path / "shop",
        {
            ".claude-plugin/marketplace.json": listing({"name": "p", "source": "./p"}),
            "p/hooks/hooks.json": {"hooks": RUN},
            "CLAUDE.md": "# About\n",
            ".claude/rules/a.md": "A.\n",
        },
    )

    market, project = read_all(tmp_path / "shop")

    assert [each.id for each in market.collections[0].artifacts] == ["hook:p"]
    assert list_ids(project) == ["context_file:shop/CLAUDE", "rule_file:a"]


def test_the_context_files_of_plugins_and_marketplaces_are_counted(tmp_path: Path) -> None:
    write_files(
        tmp_path,
        {
            ".claude-plugin/marketplace.json": listing({"name": "p", "source": "./p"}),
            "CLAUDE.md": "# About\n",
            "p/CLAUDE.md": "# About p\n",
            "p/evals/one/prompt.md": "Try.\n",
            "p/hooks/hooks.json": {"hooks": RUN},
        },
    )

    market, plugin = read_one(tmp_path), read_one(tmp_path / "p")

    kind = "CLAUDE.md files of plugins and marketplaces"
    assert [(each.kind, each.path) for each in market.omissions] == [
        (kind, "CLAUDE.md"),
        (kind, "p/CLAUDE.md"),
        ("evaluation cases", "p/evals/one"),
    ]
    assert [(each.kind, each.path) for each in plugin.omissions] == [
        (kind, "CLAUDE.md"),
        ("evaluation cases", "evals/one"),
    ]
