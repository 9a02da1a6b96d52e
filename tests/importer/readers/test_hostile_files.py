import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from skillmeat.errors import SourceError
from skillmeat.importer.readers import read_sources, safe_files
from tests.importer.readers.trees import PLAIN, ReadSource, ids, only_problem, read_one, write_files

UNPRIVILEGED = 65534


@contextmanager
def without_privileges() -> Iterator[None]:
    """Switch to another user, because root may read every file."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(UNPRIVILEGED)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def open_path() -> Iterator[Path]:
    """Yield a folder that every user can reach, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp()).resolve()
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def read_beside_a_good_one(root: Path) -> ReadSource:
    source = read_one(write_files(root, {"agents/good.md": PLAIN}))
    assert ids(source) == {None: ["agent:good"]}
    return source


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b"---\nname: x\n---\ncaf\xe9", "is not UTF-8: byte 20 is 0xe9"),
        ("# Title".encode("utf-16"), "is not UTF-8: byte 1 is 0xff"),
    ],
)
def test_a_file_that_is_not_text_is_skipped(tmp_path: Path, content: bytes, reason: str) -> None:
    write_files(tmp_path, {"agents/bad.md": content})

    problem = only_problem(read_beside_a_good_one(tmp_path))

    assert problem.message.startswith(reason)
    assert (problem.path, problem.artifact_id, problem.is_skipped) == (
        "agents/bad.md",
        "agent:bad",
        True,
    )


def test_a_file_of_50_megabytes_is_skipped_without_a_read(tmp_path: Path) -> None:
    write_files(tmp_path, {"agents/huge.md": PLAIN})
    os.truncate(tmp_path / "agents/huge.md", 50 * 1024 * 1024)

    problem = only_problem(read_beside_a_good_one(tmp_path))

    assert (problem.message, problem.artifact_id) == (
        "is larger than 10 MiB: it has 50.0 MiB; make it smaller",
        "agent:huge",
    )


def test_a_file_of_just_10_megabytes_is_read(tmp_path: Path) -> None:
    write_files(tmp_path, {"agents/big.md": PLAIN.encode().ljust(10 * 1024 * 1024)})

    assert ids(read_one(tmp_path)) == {None: ["agent:big"]}


def test_a_named_pipe_does_not_block_the_reader(tmp_path: Path) -> None:
    write_files(tmp_path, {"skills/pipe/other": ""})
    os.mkfifo(tmp_path / "skills/pipe/SKILL.md")

    problem = only_problem(read_beside_a_good_one(tmp_path))

    assert (problem.reason, problem.artifact_id) == ("is not a regular file", "skill:pipe")


def test_a_folder_named_like_a_document_is_skipped(tmp_path: Path) -> None:
    (tmp_path / "agents/folder.md").mkdir(parents=True)

    problem = only_problem(read_beside_a_good_one(tmp_path))

    assert (problem.reason, problem.artifact_id) == ("is a folder, not a file", "agent:folder")


def test_a_skill_file_that_is_a_folder_is_skipped(tmp_path: Path) -> None:
    (tmp_path / "skills/x/SKILL.md").mkdir(parents=True)

    problem = only_problem(read_beside_a_good_one(tmp_path))

    assert (problem.reason, problem.artifact_id) == ("is a folder, not a file", "skill:x")


def test_an_unreadable_file_is_skipped(open_path: Path) -> None:
    write_files(open_path, {"agents/secret.md": PLAIN})
    (open_path / "agents/secret.md").chmod(0)
    write_files(open_path, {"agents/good.md": PLAIN})

    with without_privileges():
        problem = only_problem(read_one(open_path))

    assert (problem.reason, problem.artifact_id) == (
        "cannot be read: Permission denied",
        "agent:secret",
    )


def test_an_unreadable_folder_may_hide_artifacts(open_path: Path) -> None:
    write_files(open_path, {"plugins/p/commands/x.md": PLAIN, "plugins/p/agents/good.md": PLAIN})
    (open_path / "plugins/p/commands").chmod(0)

    with without_privileges():
        problem = only_problem(read_one(open_path))

    assert (problem.path, problem.collection_id, problem.hides_artifacts) == (
        "plugins/p/commands",
        "p",
        True,
    )


def test_a_root_folder_that_cannot_be_listed_is_an_error(open_path: Path) -> None:
    (open_path / "closed").mkdir(mode=0)

    with without_privileges(), pytest.raises(SourceError, match="cannot be read: Permission"):
        read_sources(open_path / "closed")


def test_links_to_files_and_folders_inside_the_source_are_followed(tmp_path: Path) -> None:
    write_files(
        tmp_path,
        {"shared/one.md": PLAIN, "shared/pdf/SKILL.md": PLAIN, "skills/own/SKILL.md": PLAIN},
    )
    (tmp_path / "agents").mkdir()
    (tmp_path / "agents/one.md").symlink_to("../shared/one.md")
    (tmp_path / "agents/all").symlink_to("../shared")
    (tmp_path / "skills/pdf").symlink_to("../shared/pdf")
    (tmp_path / "commands").symlink_to("shared")

    source = read_one(tmp_path)

    assert ids(source) == {
        None: [
            "agent:all/pdf/SKILL",
            "agent:one",
            "command:one",
            "skill:own",
            "skill:pdf",
        ]
    }
    assert source.problems == ()
    assert [omission.path for omission in source.omissions] == [
        "agents/all/one.md",
        "commands/pdf/SKILL.md",
    ]


@pytest.mark.parametrize(
    ("link", "target", "reason", "artifact"),
    [
        ("agents/loop.md", "loop.md", "is a symlink loop", "agent:loop"),
        ("agents/gone.md", "nowhere.md", "is missing, or a broken link", "agent:gone"),
        ("agents/up", "..", "is a symlink loop", None),
        ("agents/self", ".", "is a symlink loop", None),
        ("agents/out.md", "../../outside/secret.md", "leads outside", "agent:out"),
        ("agents/out", "../../outside", "leads outside", None),
        ("skills", "../outside", "leads outside", None),
        ("skills", "skills", "is a symlink loop", None),
        ("agents/dev.md", "/dev/zero", "leads outside", "agent:dev"),
        ("agents/proc.md", "/proc/self/root", "leads outside", "agent:proc"),
    ],
)
def test_a_link_that_is_broken_circular_or_leads_outside_is_not_followed(
    tmp_path: Path, link: str, target: str, reason: str, artifact: str | None
) -> None:
    write_files(tmp_path, {"outside/secret.md": PLAIN, "in/agents/good.md": PLAIN})
    (tmp_path / "in" / link).symlink_to(target)

    problem = only_problem(read_beside_a_good_one(tmp_path / "in"))

    assert reason in problem.reason
    assert (problem.path, problem.artifact_id, problem.hides_artifacts) == (
        link,
        artifact,
        artifact is None,
    )


def test_a_link_that_was_checked_out_as_text_is_followed_and_reported(tmp_path: Path) -> None:
    links = {
        "in/.claude/skills/pdf": "../../shared/pdf",
        "in/.claude/skills/away": "../../../outside",
        "in/.claude/agents/one.md": "../../shared/one.md",
        "in/.claude/agents/self": ".",
        "in/.claude/commands": "../shared",
        "in/CLAUDE.md": "shared/one.md",
    }
    files = {"in/shared/one.md": PLAIN, "in/shared/pdf/SKILL.md": PLAIN, "outside/SKILL.md": PLAIN}
    write_files(tmp_path, {**files, **links, "in/.claude/agents/text.md": "not/a/path"})

    source = read_one(tmp_path / "in")

    assert ids(source) == {
        None: [
            "agent:one",
            "agent:text",
            "command:one",
            "context_file:in/CLAUDE",
            "skill:pdf",
        ]
    }
    reasons = {(problem.path, problem.reason) for problem in source.problems}
    written = safe_files.WRITTEN_LINK
    assert reasons == {
        (".claude/agents/one.md", written),
        (".claude/agents/self", written),
        (".claude/agents/self", "is a symlink loop"),
        (".claude/commands", written),
        (".claude/skills/away", safe_files.OUTSIDE),
        (".claude/skills/pdf", written),
        (".claude/agents/text.md", "no front matter"),
        ("CLAUDE.md", written),
    }


def test_a_linked_skill_that_leads_outside_keeps_its_id(tmp_path: Path) -> None:
    write_files(tmp_path, {"outside/SKILL.md": PLAIN, "in/skills/own/x": ""})
    (tmp_path / "in/skills/away").symlink_to("../../outside")
    (tmp_path / "in/skills/own/SKILL.md").symlink_to("../../../outside/SKILL.md")

    source = read_beside_a_good_one(tmp_path / "in")

    assert [problem.artifact_id for problem in source.problems] == ["skill:own", "skill:away"]


def test_the_scan_of_folders_that_link_to_each_other_ends(tmp_path: Path) -> None:
    for number in range(12):
        write_files(tmp_path, {f"agents/d{number}/a.md": PLAIN})
        for other in range(12):
            (tmp_path / f"agents/d{number}/to{other}").symlink_to(f"../d{other}")

    source = read_one(tmp_path)

    assert {f"agent:d{number}/a" for number in range(12)} <= {
        artifact.id for artifact in source.artifacts
    }
    assert len(source.artifacts) < 12 * 12


def test_the_scan_of_folders_nested_a_thousand_deep_ends(tmp_path: Path) -> None:
    write_files(tmp_path, {"agents/ok.md": PLAIN})
    deepest = tmp_path / "agents"
    for _ in range(1100):
        deepest /= "d"
        deepest.mkdir()
    (deepest / "x.md").write_text(PLAIN)

    problem = only_problem(read_one(tmp_path))

    assert "name is not valid" in problem.reason
    # Neither pytest nor shutil can remove folders that are nested so deep.
    (deepest / "x.md").unlink()
    while deepest.name == "d":
        deepest.rmdir()
        deepest = deepest.parent


def test_a_claude_folder_that_links_outside_the_project_is_refused(tmp_path: Path) -> None:
    write_files(tmp_path, {"dotfiles/agents/a.md": PLAIN, "project/readme": ""})
    (tmp_path / "project/.claude").symlink_to("../dotfiles")

    with pytest.raises(SourceError, match=r"leads outside.*import that path.*/dotfiles"):
        read_sources(tmp_path / "project")


def test_a_looping_link_among_the_workflows_is_one_problem(tmp_path: Path) -> None:
    write_files(tmp_path, {"workflows/notes.txt": "x"})
    (tmp_path / "workflows/loop").symlink_to("loop")

    source = read_beside_a_good_one(tmp_path)

    assert only_problem(source).reason == "is a symlink loop"
    assert [each.path for each in source.omissions] == ["workflows/notes.txt"]
