"""`skillmeat sources` lists the imported folders, and removes what only one brought."""

from pathlib import Path

from tests.cli.commands import run
from tests.importer.markets import document, market


def test_a_source_is_listed_and_removed(tmp_path: Path) -> None:
    root = market(tmp_path / "m", {"p": {"agents/x.md": document()}}, name="kit")
    run("import", str(root))

    listed = run("sources", "list").out.splitlines()
    (found,) = run("sources", "list", "--json").json
    dry = run("sources", "remove", "--dry-run", "kit")
    removed = run("sources", "remove", str(root), "--json")

    assert [line.split() for line in listed] == [
        ["source", "kind", "folder", "plugins", "artifacts"],
        ["kit", "marketplace", str(root), "1", "1"],
    ]
    assert (found["name"], found["root"], found["artifacts"]) == ("kit", str(root), 1)
    assert dry.out == (
        "dry run, nothing was written: kit has 1 artifact, 1 collection, 1 membership "
        "and 0 tags of artifacts\n"
    )
    assert removed.json == {
        "source": "kit",
        "artifacts": 1,
        "collections": 1,
        "memberships": 1,
        "tags": 0,
        "dry_run": False,
    }
    assert run("sources", "list", "--json").json == []


def test_an_unknown_source_is_named_in_one_line() -> None:
    ran = run("sources", "remove", "none")

    assert ran.code == 1
    assert ran.err == (
        "error: no source has the name or folder none: "
        "name a folder that `skillmeat sources list` shows\n"
    )
