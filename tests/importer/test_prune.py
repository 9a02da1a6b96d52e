"""A prune removes the rows that a source no longer has, and keeps all others."""

import json
import shutil
from pathlib import Path

import pytest
from psycopg import Connection

from skillmeat.catalogue import NewArtifact, add_artifacts, create_collection, put_artifacts
from skillmeat.importer import RemovedCounts
from skillmeat.importer.readers.safe_files import LARGEST_FILE
from tests.importer.markets import artifacts, document, home, market, members, rows, run_import
from tests.importer.readers.trees import listing, write_files

MANIFEST = ".claude-plugin/marketplace.json"
X = {"agents/x.md": document("x")}
Y = {"agents/y.md": document("y")}
XY = X | Y


def test_only_a_prune_removes_a_removed_files_artifact_and_memberships(
    conn: Connection, tmp_path: Path
) -> None:
    run_import(conn, market(tmp_path, {"p": XY, "q": X}))
    root = market(tmp_path, {"p": X, "q": X})

    assert run_import(conn, root).removed == RemovedCounts()
    assert artifacts(conn) == ["agent:x", "agent:y"]

    assert run_import(conn, root, prune=True).removed == RemovedCounts(artifacts=1, memberships=1)
    assert members(conn) == {"default": ["agent:x"], "p": ["agent:x"], "q": ["agent:x"]}
    assert artifacts(conn) == ["agent:x"]


def test_an_artifact_that_left_one_plugin_stays_in_the_other(
    conn: Connection, tmp_path: Path
) -> None:
    run_import(conn, market(tmp_path, {"p": XY, "q": X}))

    report = run_import(conn, market(tmp_path, {"p": Y, "q": X}), prune=True)

    assert report.removed == RemovedCounts(memberships=1)
    assert members(conn)["q"] == ["agent:x"]


def test_a_prune_removes_a_removed_plugin(conn: Connection, tmp_path: Path) -> None:
    run_import(conn, market(tmp_path, {"p": X, "q": Y}))

    report = run_import(conn, market(tmp_path, {"p": X}), prune=True)

    assert report.removed == RemovedCounts(artifacts=1, collections=1, memberships=1)
    assert members(conn) == {"default": ["agent:x"], "p": ["agent:x"]}


def test_a_prune_removes_a_listed_plugin_without_a_folder(conn: Connection, tmp_path: Path) -> None:
    root = market(tmp_path, {"p": X, "q": Y})
    run_import(conn, root)
    shutil.rmtree(root / "plugins/q")

    run_import(conn, root, prune=True)

    assert members(conn) == {"default": ["agent:x"], "p": ["agent:x"]}


def test_a_prune_keeps_the_plugin_of_a_submodule_that_is_not_checked_out(
    conn: Connection, tmp_path: Path
) -> None:
    root = market(tmp_path, {"p": X, "q": Y})
    run_import(conn, root)
    shutil.rmtree(root / "plugins/q")
    (root / "plugins/q").mkdir()

    report = run_import(conn, root, prune=True)

    assert report.removed == RemovedCounts()
    assert members(conn)["q"] == ["agent:y"]
    assert [problem.reason for problem in report.problems] == ["is an empty folder"]


def test_a_second_prune_removes_nothing(conn: Connection, tmp_path: Path) -> None:
    run_import(conn, market(tmp_path, {"p": XY, "q": Y}))
    root = market(tmp_path, {"p": X})
    run_import(conn, root, prune=True)
    before = rows(conn)

    again = run_import(conn, root, prune=True)

    assert not again.changed
    assert rows(conn) == before


def test_a_dry_run_reports_the_removals_and_removes_nothing(
    conn: Connection, tmp_path: Path
) -> None:
    run_import(conn, market(tmp_path, {"p": XY, "q": Y}))
    root = market(tmp_path, {"p": X})
    before = rows(conn)

    dry = run_import(conn, root, prune=True, dry_run=True)

    assert {table: len(each) for table, each in rows(conn).items()} == {
        table: len(each) for table, each in before.items()
    }
    assert dry.removed == run_import(conn, root, prune=True).removed
    assert dry.removed == RemovedCounts(artifacts=1, collections=1, memberships=2)


def test_an_artifact_that_is_in_another_collection_stays(conn: Connection, tmp_path: Path) -> None:
    run_import(conn, market(tmp_path, {"p": XY}))
    create_collection(conn, id="mine", name="Mine")
    add_artifacts(conn, "mine", ["agent:y"])

    run_import(conn, market(tmp_path, {"p": X}), prune=True)

    assert members(conn)["mine"] == ["agent:y"]
    assert members(conn)["p"] == ["agent:x"]


def test_an_artifact_that_a_user_added_to_a_plugins_collection_stays(
    conn: Connection, tmp_path: Path
) -> None:
    run_import(conn, market(tmp_path, {"p": X, "q": Y}))
    put_artifacts(conn, [NewArtifact("skill", "by-hand")])
    add_artifacts(conn, "p", ["skill:by-hand"])
    add_artifacts(conn, "q", ["skill:by-hand"])

    run_import(conn, market(tmp_path, {"p": X}), prune=True)

    assert members(conn) == {
        "default": ["agent:x"],
        "p": ["agent:x", "skill:by-hand"],
        "q": ["skill:by-hand"],
    }


def test_rows_that_other_sources_added_stay(conn: Connection, tmp_path: Path) -> None:
    project = home(tmp_path / "project", {"agents/z.md": document()})
    other = market(tmp_path / "other", {"q": Y}, name="market/2")
    run_import(conn, project, other, market(tmp_path / "m", {"p": X}))
    add_artifacts(conn, "p", ["agent:y", "agent:z"])

    run_import(conn, market(tmp_path / "m", {"p": {"agents/new.md": document()}}), prune=True)

    assert members(conn) == {
        "default": ["agent:new", "agent:y", "agent:z"],
        "p": ["agent:new", "agent:y", "agent:z"],
        "q": ["agent:y"],
    }


def test_an_artifact_that_another_source_also_has_stays(conn: Connection, tmp_path: Path) -> None:
    project = home(tmp_path / "project", {"agents/x.md": document("another")})
    run_import(conn, project)
    run_import(conn, market(tmp_path / "m", {"p": XY}))

    run_import(conn, market(tmp_path / "m", {"p": Y}), prune=True)

    assert members(conn) == {"default": ["agent:x", "agent:y"], "p": ["agent:y"]}


def test_a_membership_is_pruned_even_if_another_source_has_the_artifact(
    conn: Connection, tmp_path: Path
) -> None:
    project = home(tmp_path / "project", {"agents/x.md": document("another")})
    run_import(conn, market(tmp_path / "m", {"p": XY}))
    run_import(conn, project)

    run_import(conn, market(tmp_path / "m", {"p": Y}), prune=True)

    assert members(conn)["p"] == ["agent:y"]
    assert "agent:x" in artifacts(conn)


def test_a_plugin_of_two_marketplaces_keeps_the_others_artifacts(
    conn: Connection, tmp_path: Path
) -> None:
    a, b = (
        market(tmp_path / name, {"p": files}, name=name) for name, files in (("a", X), ("b", Y))
    )
    run_import(conn, a, b)

    run_import(conn, a, prune=True)
    run_import(conn, b, prune=True)

    assert members(conn) == {"default": ["agent:x", "agent:y"], "p": ["agent:x", "agent:y"]}


def test_pruning_a_project_keeps_the_artifacts_of_a_marketplace(
    conn: Connection, tmp_path: Path
) -> None:
    project = home(tmp_path / "project", {"agents/z.md": document(), "commands/c.md": document()})
    run_import(conn, project, market(tmp_path / "m", {"p": X}))

    run_import(conn, home(project, {"commands/c.md": document()}), prune=True)

    assert artifacts(conn) == ["agent:x", "command:c"]


@pytest.mark.parametrize(
    "broken",
    [b"\xff\xfe not UTF-8", b"", b"x" * (LARGEST_FILE + 1), None],
    ids=["not UTF-8", "empty", "too large", "symlink loop"],
)
def test_an_artifact_that_cannot_be_read_is_not_pruned(
    conn: Connection, tmp_path: Path, broken: bytes | None
) -> None:
    root = market(tmp_path / "m", {"p": XY})
    project = home(tmp_path / "project", {"agents/z.md": document(), "agents/w.md": document()})
    run_import(conn, root, project)
    for path in (root / "plugins/p/agents/y.md", project / ".claude/agents/z.md"):
        path.unlink()
        if broken is None:
            path.symlink_to(path.name)
        else:
            path.write_bytes(broken)

    report = run_import(conn, root, project, prune=True)

    assert (report.removed, len(report.problems)) == (RemovedCounts(), 2)
    assert artifacts(conn) == ["agent:w", "agent:x", "agent:y", "agent:z"]
    assert members(conn)["p"] == ["agent:x", "agent:y"]


@pytest.mark.parametrize("plugin", ["p", "default"])
def test_artifacts_in_an_unreadable_folder_are_not_pruned(
    conn: Connection, tmp_path: Path, plugin: str
) -> None:
    root = market(tmp_path / "m", {plugin: {"commands/c.md": document(), **XY}, "q": X})
    run_import(conn, root)
    folder = root / "plugins" / plugin / "agents"
    shutil.rmtree(folder)
    folder.symlink_to("agents")

    report = run_import(conn, root, prune=True)

    assert report.removed == RemovedCounts()
    assert artifacts(conn) == ["agent:x", "agent:y", "command:c"]


def test_the_next_prune_removes_a_kept_artifact_that_left_its_last_collection(
    conn: Connection, tmp_path: Path
) -> None:
    run_import(conn, market(tmp_path, {"p": XY}))
    create_collection(conn, id="mine", name="Mine")
    add_artifacts(conn, "mine", ["agent:y"])
    root = market(tmp_path, {"p": X})
    run_import(conn, root, prune=True)
    conn.execute("delete from collections where id = 'mine'")

    assert run_import(conn, root, prune=True).removed == RemovedCounts(artifacts=1)


DECLARED = {"name": "p", "agents": "./more/", "mcpServers": {"s": {"command": "run"}}}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("plugins/p/.claude-plugin/plugin.json", "{"),
        ("plugins/p/.claude-plugin/plugin.json", json.dumps(DECLARED | {"agents": 1})),
        ("plugins/p/.claude-plugin/plugin.json", json.dumps(DECLARED | {"agents": "../more"})),
        ("plugins/p/monitors/monitors.json", '[{"name": "m", "command": 1}]'),
        (MANIFEST, json.dumps(listing({"name": "p", "source": 1}, {"name": "q"}))),
        (MANIFEST, json.dumps(listing({"name": "p", "source": "./loop"}, {"name": "q"}))),
    ],
    ids=["manifest", "component", "path", "monitor", "entry", "folder"],
)
def test_a_prune_keeps_what_a_broken_manifest_or_entry_hides(
    conn: Connection, tmp_path: Path, path: str, text: str
) -> None:
    root = market(tmp_path, {"p": {"more/y.md": document()}, "q": {"agents/x.md": document()}})
    monitors = [{"name": "m", "command": "run"}]
    write_files(root / "plugins/p", {".claude-plugin/plugin.json": DECLARED})
    write_files(root, {"plugins/p/monitors/monitors.json": json.dumps(monitors)})
    run_import(conn, root)
    (root / "loop").symlink_to("loop")
    if path == MANIFEST:
        # Out of plugins/, where a plugin is found without an entry.
        (root / "plugins/p").rename(root / "gone")
    write_files(root, {path: text})

    report = run_import(conn, root, prune=True)

    assert (report.removed, len(report.problems)) == (RemovedCounts(), 1)
    assert artifacts(conn) == ["agent:x", "agent:y", "mcp:s", "monitor:m"]


ROOT = {"pluginRoot": "./kits"}


@pytest.mark.parametrize(
    ("entry", "root"),
    [
        ({"name": "p", "source": "./p"}, {"pluginRoot": "../kits"}),
        ({"name": "", "source": "./p"}, ROOT),
        ("./p", ROOT),
    ],
    ids=["root", "name", "entry"],
)
def test_a_prune_keeps_the_plugins_that_a_broken_part_of_the_listing_hides(
    conn: Connection, tmp_path: Path, entry: object, root: dict[str, str]
) -> None:
    listed = listing({"name": "p", "source": "./p"}) | {"metadata": ROOT}
    write_files(tmp_path, {MANIFEST: listed, "p/agents/x.md": document()})
    write_files(tmp_path / "kits/q", {".claude-plugin/plugin.json": {"name": "q"}})
    write_files(tmp_path / "kits/q", Y)
    run_import(conn, tmp_path)
    before = members(conn)
    write_files(tmp_path, {MANIFEST: listed | {"plugins": [entry], "metadata": root}})

    report = run_import(conn, tmp_path, prune=True)

    assert (report.removed, members(conn)) == (RemovedCounts(), before)


def test_a_prune_removes_a_plugin_that_became_remote(conn: Connection, tmp_path: Path) -> None:
    root = market(tmp_path, {"p": {"agents/y.md": document()}, "q": {"agents/x.md": document()}})
    run_import(conn, root)
    shutil.rmtree(root / "plugins/p")
    remote = {"name": "p", "source": {"source": "github", "repo": "a/b"}}
    write_files(root, {MANIFEST: listing(remote, {"name": "q"})})

    assert run_import(conn, root, prune=True).removed.collections == 1


def test_a_prune_removes_artifacts_of_a_default_collection_that_a_person_made(
    conn: Connection, tmp_path: Path
) -> None:
    create_collection(conn, id="mine", name="Default Collection")
    run_import(conn, market(tmp_path, {"p": XY}))

    report = run_import(conn, market(tmp_path, {"p": X}), prune=True)

    assert report.removed == RemovedCounts(artifacts=1, memberships=1)
    assert members(conn) == {"mine": ["agent:x"], "p": ["agent:x"]}
