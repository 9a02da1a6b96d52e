from pathlib import Path

import pytest

from skillmeat.errors import SourceError
from skillmeat.importer.readers import read_sources
from tests.importer.readers.trees import (
    PLAIN,
    ids,
    only_artifact,
    only_problem,
    read_all,
    read_one,
    write_files,
)


def test_a_project_is_read_from_its_claude_folder(tmp_path: Path) -> None:
    write_files(
        tmp_path / "shop",
        {
            ".claude/skills/pdf/SKILL.md": PLAIN,
            ".claude/skills/pdf/reference.md": "not an artifact",
            ".claude/agents/reviewer.md": PLAIN,
            ".claude/commands/git/flow/commit.md": PLAIN,
            ".claude/commands/notes.txt": "not an artifact",
            ".claude/settings.json": "{}",
        },
    )

    source = read_one(tmp_path / "shop")

    assert (source.name, source.kind) == (str(tmp_path / "shop"), "claude")
    assert ids(source) == {None: ["agent:reviewer", "command:git/flow/commit", "skill:pdf"]}
    assert source.problems == ()


def test_the_claude_folder_itself_is_the_same_source(tmp_path: Path) -> None:
    write_files(tmp_path / "shop/.claude", {"agents/reviewer.md": PLAIN})

    assert read_all(tmp_path / "shop/.claude") == read_all(tmp_path / "shop")


def test_the_users_home_is_the_source_claude_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(
        tmp_path, {".claude/agents/reviewer.md": PLAIN, ".claude/plugins/x/agents/y.md": PLAIN}
    )
    monkeypatch.setenv("HOME", str(tmp_path))

    source = read_one(tmp_path)

    assert (source.name, ids(source)) == ("claude-home", {None: ["agent:reviewer"]})


def test_a_folder_that_holds_only_agents_is_read(tmp_path: Path) -> None:
    source = read_one(write_files(tmp_path / "mine", {"agents/reviewer.md": PLAIN}))

    assert (source.name, ids(source)) == (str(tmp_path / "mine"), {None: ["agent:reviewer"]})


def test_two_projects_in_folders_with_the_same_name_are_two_sources(tmp_path: Path) -> None:
    one = read_one(write_files(tmp_path / "a/app", {".claude/agents/reviewer.md": PLAIN}))
    other = read_one(write_files(tmp_path / "b/app", {".claude/agents/reviewer.md": PLAIN}))

    assert one.name != other.name


def test_an_artifact_of_a_project_is_local_and_has_its_path(tmp_path: Path) -> None:
    write_files(tmp_path, {".claude/commands/git/commit.md": PLAIN})

    artifact = only_artifact(read_one(tmp_path))

    assert (artifact.origin, artifact.path) == ("local", ".claude/commands/git/commit.md")


def test_the_name_in_the_front_matter_does_not_change_the_id(tmp_path: Path) -> None:
    write_files(tmp_path, {"agents/reviewer.md": "---\nname: another-name\n---\n"})

    assert only_artifact(read_one(tmp_path)).id == "agent:reviewer"


@pytest.mark.parametrize("name", ["naïve", "nai\u0308ve", "日本 語", "🚀", "a.b", "x" * 252])
def test_a_name_stays_as_it_is_on_disk(tmp_path: Path, name: str) -> None:
    # A file name holds at most 255 bytes, so the longest names come from folders.
    if len(name.encode()) > 250:
        name = f"{name[:200]}/{name[:54]}"
    write_files(tmp_path, {f"commands/{name}.md": PLAIN})

    assert only_artifact(read_one(tmp_path)).name == name


@pytest.mark.parametrize(
    "name", [" lead", "trail ", "tab\there", "line\nbreak", "del\x7f", "c1\x85", ""]
)
def test_an_invalid_name_is_one_printable_problem(tmp_path: Path, name: str) -> None:
    write_files(tmp_path, {"agents/ok.md": PLAIN, f"agents/{name}.md": PLAIN})

    problem = only_problem(read_one(tmp_path))

    assert (problem.artifact_id, problem.is_skipped) == (None, True)
    assert "name is not valid" in problem.reason
    assert problem.path.isprintable()


def test_a_name_longer_than_255_characters_is_a_problem(tmp_path: Path) -> None:
    write_files(tmp_path, {"agents/ok.md": PLAIN, f"commands/{'x' * 200}/{'y' * 55}.md": PLAIN})

    assert "name is not valid" in only_problem(read_one(tmp_path)).reason


def test_an_undecodable_file_name_is_a_printable_problem(tmp_path: Path) -> None:
    write_files(tmp_path, {"agents/ok.md": PLAIN})
    with open(bytes(tmp_path) + b"/agents/caf\xe9.md", "w") as file:  # noqa: PTH123
        file.write(PLAIN)

    problem = only_problem(read_one(tmp_path))

    assert problem.path == "agents/caf\\xe9.md"
    assert "name is not valid" in problem.reason


def test_the_lowercase_suffix_wins_if_two_files_have_one_id(tmp_path: Path) -> None:
    write_files(tmp_path, {"agents/x.md": PLAIN, "agents/x.MD": PLAIN, "agents/y.Md": PLAIN})

    source = read_one(tmp_path)

    assert [artifact.path for artifact in source.artifacts] == ["agents/x.md", "agents/y.Md"]
    problem = only_problem(source)
    assert (problem.path, problem.artifact_id) == ("agents/x.MD", "agent:x")


def test_composed_and_decomposed_names_are_two_artifacts(tmp_path: Path) -> None:
    source = read_one(write_files(tmp_path, {"agents/é.md": PLAIN, "agents/e\u0301.md": PLAIN}))

    assert ids(source) == {None: ["agent:e\u0301", "agent:é"]}


def test_a_skill_folder_without_its_file_is_a_problem(tmp_path: Path) -> None:
    write_files(
        tmp_path, {"skills/ok/SKILL.md": PLAIN, "skills/half/notes.md": PLAIN, "skills/x.md": ""}
    )

    problem = only_problem(read_one(tmp_path))

    assert (problem.path, problem.reason, problem.artifact_id) == (
        "skills/half",
        "holds no SKILL.md",
        None,
    )


def test_hidden_folders_are_ignored(tmp_path: Path) -> None:
    write_files(
        tmp_path, {"agents/ok.md": PLAIN, "agents/.git/x.md": "", "skills/.cache/SKILL.md": ""}
    )

    assert read_one(tmp_path).problems == ()


def test_a_marketplace_that_is_also_a_project_is_two_sources(tmp_path: Path) -> None:
    write_files(tmp_path / "repo", {"plugins/p/agents/a.md": PLAIN, ".claude/agents/b.md": PLAIN})

    assert [source.kind for source in read_sources(tmp_path / "repo")] == ["marketplace", "claude"]


def test_an_empty_claude_folder_beside_a_marketplace_is_ignored(tmp_path: Path) -> None:
    write_files(tmp_path, {"plugins/p/agents/a.md": PLAIN, ".claude/settings.json": "{}"})

    assert read_one(tmp_path).kind == "marketplace"


@pytest.mark.parametrize(
    ("files", "path", "message"),
    [
        ({}, "missing", "does not exist"),
        ({"file": "x"}, "file", "is not a file that is imported"),
        ({"x/file": "x"}, "x", "x holds nothing importable: it holds file"),
        ({"x/.claude/settings.json": "{}"}, "x", "x holds nothing importable: it holds .claude/"),
        ({f"x/{n}/notes.txt": "x" for n in range(7)}, "x", "0/, 1/, 2/, 3/, 4/ and 2 more"),
        ({"x/skills/half/x.md": "x"}, "x", "holds no SKILL.md (1); add one"),
        ({"x/.claude-plugin/plugin.json": "{}"}, "x", "nothing importable: it holds .claude-pl"),
        ({}, "nul\0", "cannot be read: it is not a valid path"),
        ({}, "\ud800", "cannot be read: it is not a valid path"),
    ],
)
def test_a_path_without_anything_importable_is_an_error_of_two_lines(
    tmp_path: Path, files: dict[str, str], path: str, message: str
) -> None:
    write_files(tmp_path, files)

    with pytest.raises(SourceError) as caught:
        read_sources(tmp_path / path)

    first, *others = str(caught.value).split("\n")
    assert message in first
    assert [line.startswith("looked in it for a marketplace (") for line in others] == (
        [True] if "nothing importable" in first else []
    )
    assert all(line.isprintable() for line in (first, *others))


@pytest.mark.parametrize(
    ("address", "advice"),
    [
        ("postgresql://u:hunter2@db/x", "SKILLMEAT_DATABASE_URL names the database"),
        ("https://u:hunter2@example.org/x.git", "clone the repository"),
    ],
)
def test_an_address_is_refused_without_its_password(address: str, advice: str) -> None:
    for path in (address, Path(address)):
        with pytest.raises(SourceError, match=advice) as caught:
            read_sources(path)

        assert "hunter2" not in str(caught.value)


def test_progress_ends_at_the_number_of_files(tmp_path: Path) -> None:
    write_files(tmp_path, {f"agents/a{n}.md": PLAIN for n in range(600)})
    progress: list[tuple[int, int]] = []

    (source,) = read_sources(
        tmp_path, on_progress=lambda done, total: progress.append((done, total))
    )
    for _ in source.copies:
        pass

    assert progress == [(0, 600), (256, 600), (512, 600), (600, 600)]


def test_projects_in_subfolders_are_counted_and_not_read(tmp_path: Path) -> None:
    write_files(
        tmp_path,
        {
            ".claude/skills/s/SKILL.md": PLAIN,
            "CLAUDE.md": "# Top\n",
            "packages/web/.claude/skills/w/SKILL.md": PLAIN,
            "packages/web/CLAUDE.md": "# Web\n",
            "packages/web/ui/.claude/agents/u.md": PLAIN,
            "node_modules/x/.claude/agents/x.md": PLAIN,
            ".cache/x/CLAUDE.md": "# Cached\n",
            "kits/p/CLAUDE.md": "# Plugin\n",
            "kits/p/.claude-plugin/plugin.json": {"name": "p"},
        },
    )

    source = read_one(tmp_path)

    assert ids(source) == {None: [f"context_file:{tmp_path.name}/CLAUDE", "skill:s"]}
    assert {(each.kind, each.path) for each in source.omissions} == {
        ("projects in subfolders", "packages/web/.claude"),
        ("projects in subfolders", "packages/web/ui/.claude"),
        ("CLAUDE.md files in subfolders", "packages/web/CLAUDE.md"),
        ("plugins and marketplaces in subfolders", "kits/p"),
    }
