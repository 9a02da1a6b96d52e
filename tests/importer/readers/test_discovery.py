import os
from pathlib import Path

import pytest

from skillmeat.errors import SourceError
from skillmeat.importer.readers import read_sources
from tests.importer.readers.trees import PLAIN, ids, listing, only_problem, read_one, write_files

MARKETPLACE = ".claude-plugin/marketplace.json"
AGENT = "---\nname: a\ndescription: x\ntools: Read\n---\n"
COMMAND = "---\ndescription: x\nargument-hint: file\n---\n"

TREE: dict[str, str | dict[str, object]] = {
    f"shop/{MARKETPLACE}": listing({"name": "p", "source": "./p"}),
    "shop/p/.claude-plugin/plugin.json": {"name": "own"},
    "shop/p/agents/a.md": PLAIN,
    "shop/p/plugins/inner/.claude-plugin/plugin.json": {"name": "inner"},
    "shop/p/plugins/inner/agents/b.md": PLAIN,
    "app/.claude/agents/review/deep/a.md": AGENT,
    "app/.claude/agents/README.md": "# What these are\n",
    "app/.claude/agents/SECURITY.md": "# How to report\n",
    "app/.claude/agents/security.md": PLAIN,
    "staff/support/Changelog.md": "---\nname: c\ndescription: x\n---\n",
    "app/.claude/commands/deploy/SKILL.md": PLAIN,
    "app/.claude/commands/deploy/notes.md": PLAIN,
    "app/.claude/commands/git/c.md": COMMAND,
    "app/.claude/skills/s/SKILL.md": PLAIN,
    "app/.claude/skills/low/skill.md": PLAIN,
    "app/.claude/skills/kit/.claude-plugin/plugin.json": {"name": "kit"},
    "app/.claude/skills/kit/SKILL.md": "---\nname: tool\n---\n",
    "app/.claude/skills/kit/agents/k.md": PLAIN,
    "shelf/one/SKILL.md": PLAIN,
    "shelf/two/SKILL.md": PLAIN,
    "shelf/agents/SKILL.md": PLAIN,
    "staff/sales/a.md": AGENT,
    "staff/support/b.md": "---\nname: b\ndescription: x\n---\n",
    "staff/README.md": "# Read me\n",
    "team/b.md": "---\nname: b\ndescription: x\n---\n",
    "jobs/c.md": COMMAND,
    "jobs/notes.txt": AGENT,
    "jobs/.git/a.md": AGENT,
    "lib/agents/tool/src/c.md": COMMAND,
    "lib/skills/team/a.md": AGENT,
    "lib/skills/c.md": COMMAND,
    "components/agents/ops/a.md": PLAIN,
    "components/skills/s/SKILL.md": PLAIN,
    "home/.claude.json": {"mcpServers": {"s": {"command": "run"}}},
}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("shop", {"p": ["agent:a"]}),
        (f"shop/{MARKETPLACE}", {"p": ["agent:a"]}),
        ("shop/.claude-plugin", {"p": ["agent:a"]}),
        ("shop/p", {"own": ["agent:a"]}),
        ("shop/p/.claude-plugin/plugin.json", {"own": ["agent:a"]}),
        ("shop/p/agents", {None: ["agent:a"]}),
        ("app/.claude/agents", {None: ["agent:review/deep/a", "agent:security"]}),
        ("app/.claude/agents/review", {None: ["agent:review/deep/a"]}),
        ("app/.claude/agents/review/deep", {None: ["agent:review/deep/a"]}),
        ("app/.claude/agents/review/deep/a.md", {None: ["agent:review/deep/a"]}),
        ("app/.claude/commands", {None: ["command:git/c", "skill:deploy"]}),
        ("app/.claude/commands/git/c.md", {None: ["command:git/c"]}),
        ("app/.claude/skills/s", {None: ["skill:s"]}),
        ("app/.claude/skills/s/SKILL.md", {None: ["skill:s"]}),
        ("app/.claude/skills/low/skill.md", {None: ["skill:low"]}),
        ("app/.claude/skills/kit", {"kit": ["agent:k", "skill:tool"]}),
        ("app/.claude/skills/kit/SKILL.md", {None: ["skill:kit"]}),
        ("shelf", {None: ["skill:agents", "skill:one", "skill:two"]}),
        ("shelf/one", {None: ["skill:one"]}),
        ("staff", {None: ["agent:sales/a", "agent:support/Changelog", "agent:support/b"]}),
        ("staff/sales/a.md", {None: ["agent:a"]}),
        ("team", {None: ["agent:b"]}),
        ("jobs", {None: ["command:c"]}),
        ("jobs/c.md", {None: ["command:c"]}),
        ("components", {None: ["agent:ops/a", "skill:s"]}),
        ("components/agents", {None: ["agent:ops/a"]}),
        ("components/agents/ops", {None: ["agent:ops/a"]}),
        ("components/agents/ops/a.md", {None: ["agent:ops/a"]}),
        # A folder far above, which happens to have the name of a kind, decides nothing.
        ("lib/agents/tool/src", {None: ["command:c"]}),
        ("lib/agents/tool/src/c.md", {None: ["command:c"]}),
        ("lib/skills/team", {None: ["agent:a"]}),
        ("lib/skills/c.md", {None: ["command:c"]}),
        ("home/.claude.json", {None: ["mcp:s"]}),
    ],
)
def test_a_user_may_name_any_folder_or_file(
    tmp_path: Path, path: str, expected: dict[str | None, list[str]]
) -> None:
    source = read_one(write_files(tmp_path, TREE) / path)

    assert ids(source) == expected


def test_a_project_has_plugins_among_its_skills(tmp_path: Path) -> None:
    source = read_one(write_files(tmp_path, TREE) / "app")

    assert ids(source) == {
        "kit": ["agent:k", "skill:tool"],
        None: [
            "agent:review/deep/a",
            "agent:security",
            "command:git/c",
            "skill:deploy",
            "skill:low",
            "skill:s",
        ],
    }
    problem = only_problem(source)
    assert (problem.path, problem.is_skipped) == (".claude/skills/low/skill.md", False)
    assert [(each.kind, each.path) for each in source.omissions] == [
        ("documentation files", ".claude/agents/README.md"),
        ("documentation files", ".claude/agents/SECURITY.md"),
    ]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("notes.md", "# Notes\n", "may be an agent or a command: put it in a folder agents/ or"),
        ("notes.md", "---\ndescription: x\n---\n", "may be an agent or a command"),
        (
            "notes.md",
            "---\nname: n\ndescription: x\ntools: Read\nargument-hint: y\n---\n",
            "may be an agent or a command",
        ),
        (".claude/skills/s/more/notes.md", PLAIN, "may be an agent or a command"),
        ("data.bin", "x", "is not a file that is imported: name a folder, a SKILL.md"),
        ("sub/.claude-plugin/other.json", "{}", "holds nothing importable"),
    ],
)
def test_a_file_of_no_known_kind_is_refused_in_one_line(
    tmp_path: Path, name: str, content: str, message: str
) -> None:
    write_files(tmp_path, {name: content})

    with pytest.raises(SourceError, match=message):
        read_sources(tmp_path / name)


@pytest.mark.parametrize(
    ("listed", "reason"),
    [
        ({"name": "m"}, "lists no plugin: it has no list `plugins`"),
        ({"name": "m", "plugins": []}, "lists no plugin: its list `plugins` is empty"),
        (listing({"name": "far", "source": {"source": "github", "repo": "a/b"}}), "is remote"),
    ],
)
@pytest.mark.parametrize(
    ("beside", "expected"),
    [
        ({"agents/a.md": PLAIN}, {None: ["agent:a"]}),
        (
            {".claude-plugin/plugin.json": {"name": "p"}, "skills/s/SKILL.md": PLAIN},
            {"p": ["skill:s"]},
        ),
        ({".claude/agents/a.md": PLAIN, "agents/b.md": PLAIN}, {None: ["agent:a"]}),
        ({".claude/notes.txt": "", "agents/b.md": PLAIN}, {None: ["agent:b"]}),
        ({"x/SKILL.md": PLAIN}, {None: ["skill:x"]}),
    ],
)
def test_a_marketplace_without_plugins_hides_nothing_beside_it(
    tmp_path: Path,
    listed: dict[str, object],
    reason: str,
    beside: dict[str, str],
    expected: dict[str | None, list[str]],
) -> None:
    source = read_one(write_files(tmp_path, {MARKETPLACE: listed, **beside}))

    assert ids(source) == expected
    assert reason in only_problem(source).message


def test_files_beside_an_empty_claude_folder_do_not_fill_it(tmp_path: Path) -> None:
    write_files(
        tmp_path / "shop",
        {
            ".claude/settings.json": {"model": "opus"},
            ".mcp.json": {"mcpServers": {"clock": {"command": "clock"}}},
            "CLAUDE.md": "# Shop\n",
            "agents/b.md": PLAIN,
        },
    )

    source = read_one(tmp_path / "shop")

    assert ids(source) == {None: ["agent:b", "context_file:shop/CLAUDE", "mcp:clock"]}
    assert source.omissions == ()


@pytest.mark.parametrize(
    "files",
    [
        {"zed/themes/night/README.md": "# Night\n", "zed/settings.json": {"token": "hunter2"}},
        {"themes/night.json": {"colors": {}}, "package.json": {}},
        {"rules/no-tabs.md": "# No tabs\n", "workflows/build.js": "build()\n"},
        {"src/agents/README.md": "# The agents\n", "docs/guide.md": "# Guide\n"},
        {"src/agents/planner.md": "Plan.\n", "docs/guide.md": "# Guide\n"},
    ],
)
def test_the_folders_of_other_tools_are_no_artifacts(
    tmp_path: Path, files: dict[str, str | dict[str, object]]
) -> None:
    root = write_files(tmp_path / "x", files)

    with pytest.raises(SourceError, match="holds nothing importable"):
        read_one(root)


def test_a_context_file_makes_a_folder_no_folder_of_agents(tmp_path: Path) -> None:
    write_files(tmp_path / "shop", {"AGENTS.md": "x", "src/agents/planner.md": "Plan.\n"})
    (tmp_path / "shop/CLAUDE.md").symlink_to("AGENTS.md")

    assert ids(read_one(tmp_path / "shop")) == {None: ["context_file:shop/CLAUDE"]}


def test_skills_deeper_than_one_level_are_told_with_their_number(tmp_path: Path) -> None:
    write_files(
        tmp_path,
        {
            "skills/flat/SKILL.md": PLAIN,
            "skills/topic/a/SKILL.md": PLAIN,
            "skills/topic/b/skill.md": PLAIN,
            "skills/topic/far/c/SKILL.md": PLAIN,
            "skills/topic/.git/d/SKILL.md": PLAIN,
            "skills/empty/x": "",
            "skills/.more/d/SKILL.md": PLAIN,
            "skills/.trash/removed/SKILL.md": PLAIN,
            "skills/.hidden/SKILL.md": PLAIN,
            "skills/no-folder.md": PLAIN,
            "skills/README.md": "",
        },
    )

    source = read_one(tmp_path)

    assert ids(source) == {None: ["skill:flat"]}
    assert [(each.kind, each.path) for each in source.omissions] == [
        ("files beside skills", "skills/no-folder.md")
    ]
    assert [(each.path, each.detail) for each in source.problems] == [
        ("skills/.more", f"1 in {tmp_path}/skills/.more"),
        ("skills/empty", None),
        ("skills/topic", f"3 in 2 folders, 2 in {tmp_path}/skills/topic"),
    ]


def test_skills_that_a_manifest_declares_are_not_told_as_deeper(tmp_path: Path) -> None:
    write_files(
        tmp_path,
        {
            ".claude-plugin/plugin.json": {"name": "p", "skills": ["./skills/topic/a"]},
            "skills/topic/a/SKILL.md": PLAIN,
        },
    )

    source = read_one(tmp_path)

    assert (ids(source), source.problems) == ({"p": ["skill:a"]}, ())


@pytest.mark.parametrize("named", ["", ".claude"])
@pytest.mark.parametrize("is_home", [False, True])
def test_a_link_may_lead_anywhere_in_the_project_or_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str, *, is_home: bool
) -> None:
    root = write_files(
        tmp_path / "in",
        {
            ".agents/skills/shared/SKILL.md": PLAIN,
            ".agents/rules/x.md": PLAIN,
            ".claude/skills/own/SKILL.md": PLAIN,
            ".claude/agents/x.md": PLAIN,
        },
    )
    write_files(tmp_path, {"out/SKILL.md": PLAIN})
    if is_home:
        monkeypatch.setenv("HOME", str(root))
    (root / "hop").symlink_to(".agents")
    (root / ".claude/skills/shared").symlink_to("../../hop/skills/shared")
    (root / ".claude/skills/again").symlink_to("shared")
    (root / ".claude/skills/away").symlink_to(tmp_path / "out")
    (root / ".claude/commands").symlink_to("../hop/rules")
    (root / ".claude/agents/up").symlink_to("../..")

    source = read_one(root / named)

    assert ids(source) == {None: ["agent:x", "command:x", "skill:again", "skill:own"]}
    assert [(each.path, each.message) for each in source.problems] == [
        (
            ".claude/skills/away",
            f"leads outside, so it is not followed: {tmp_path}/out; import that path too",
        ),
        (".claude/agents/up", "is a symlink loop; remove the link"),
    ]
    assert [each.path for each in source.omissions] == [".claude/skills/shared/SKILL.md"]


def test_a_claude_folder_that_is_a_link_may_be_named_itself(tmp_path: Path) -> None:
    write_files(tmp_path, {"dotfiles/skills/s/SKILL.md": PLAIN, "app/x": ""})
    (tmp_path / "app/.claude").symlink_to("../dotfiles")

    source = read_one(tmp_path / "app/.claude")

    assert (source.root, ids(source)) == (str(tmp_path / "app"), {None: ["skill:s"]})


def test_the_claude_folder_of_the_home_may_be_a_link_to_another_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(tmp_path, {"dotfiles/skills/s/SKILL.md": PLAIN, "me/x": ""})
    (tmp_path / "me/.claude").symlink_to("../dotfiles")
    monkeypatch.setenv("HOME", str(tmp_path / "me"))

    assert ids(read_one(tmp_path / "me")) == {None: ["skill:s"]}


def test_a_folder_of_the_home_may_link_to_the_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(tmp_path, {".agents/skills/s/SKILL.md": PLAIN, ".claude/skills/x/y": ""})
    (tmp_path / ".claude/skills/s").symlink_to("../../.agents/skills/s")
    monkeypatch.setenv("HOME", os.fspath(tmp_path))

    assert ids(read_one(tmp_path / ".claude/skills")) == {None: ["skill:s"]}


def test_what_lies_below_a_folder_without_artifacts_is_told(tmp_path: Path) -> None:
    write_files(
        tmp_path / "in",
        {
            "readme.txt": "x",
            f"far/market/{MARKETPLACE}": listing(),
            "far/app/.claude/x": "",
            "lib/node_modules/x/SKILL.md": PLAIN,
            "shelf/book/deep/s/SKILL.md": PLAIN,
            "a/b/agents/x.md": PLAIN,
        },
    )

    root = tmp_path / "in"
    with pytest.raises(SourceError) as caught:
        read_sources(root)

    assert str(caught.value).splitlines()[0] == (
        f"{root} holds nothing importable: it holds a/, far/, lib/, readme.txt, shelf/; import"
        f" {root}/far/app (a project), {root}/far/market (a marketplace),"
        f" {root}/a/b/agents (agents) and 1 more in it"
    )


def test_a_folder_of_plugins_is_read(tmp_path: Path) -> None:
    write_files(
        tmp_path,
        {
            "one/.claude-plugin/plugin.json": {"name": "first"},
            "one/agents/a.md": PLAIN,
            "two/.claude-plugin/plugin.json": {"name": "first"},
            "two/skills/s/SKILL.md": PLAIN,
            "three/SKILL.md": PLAIN,
            "docs/readme.md": PLAIN,
        },
    )

    source = read_one(tmp_path)

    assert ids(source) == {"first": ["agent:a"], "two": ["skill:s"], None: ["skill:three"]}
    assert source.problems == ()


@pytest.mark.parametrize(
    ("files", "below"),
    [
        (
            {"one/a/SKILL.md": AGENT, "two/b/SKILL.md": AGENT, "two/c/SKILL.md": AGENT},
            "{root}/one (1 skill), {root}/two (2 skills)",
        ),
        ({"docs/guide.md": AGENT, "src/lib/a/SKILL.md": PLAIN}, "{root}/src/lib (1 skill)"),
        ({"docs/guide.md": AGENT, "kit/p/.claude-plugin/plugin.json": {}}, "{root}/kit (1 plugin)"),
        (
            {f"shop/{MARKETPLACE}": listing(), "shop/p/commands/a.md": AGENT},
            "{root}/shop (a marketplace)",
        ),
        ({"notes.md": AGENT, "app/.claude/agents/a.md": AGENT}, "{root}/app (a project)"),
        (
            {"kit/commands/a.md": AGENT, "kit/agents/b.md": AGENT},
            "{root}/kit/agents (agents), {root}/kit/commands (commands)",
        ),
    ],
)
def test_a_folder_above_importable_folders_is_no_folder_of_agents(
    tmp_path: Path, files: dict[str, str | dict[str, object]], below: str
) -> None:
    write_files(tmp_path, files)

    with pytest.raises(SourceError) as caught:
        read_one(tmp_path)

    assert f"; import {below.format(root=tmp_path)} in it" in str(caught.value)


@pytest.mark.parametrize("folder", ["agents", "commands", "rules", "themes", "agents/clone"])
def test_a_folder_of_skills_may_have_the_name_of_another_kind(tmp_path: Path, folder: str) -> None:
    skills = {f"{folder}/{name}/SKILL.md": PLAIN for name in "ab"}
    write_files(tmp_path, {f"{folder}/README.md": "# Skills\n", **skills})

    assert ids(read_one(tmp_path / folder)) == {None: ["skill:a", "skill:b"]}
