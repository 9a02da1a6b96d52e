"""Sources over time: their identity, what they share, and what a prune of one removes."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from psycopg import Connection

import skillmeat
from skillmeat.catalogue import (
    NewArtifact,
    add_artifacts,
    create_collection,
    create_tag,
    get_artifact,
    get_collection,
    list_tags,
    put_artifacts,
    tag_artifacts,
)
from skillmeat.errors import SourceError
from skillmeat.importer import (
    RemovedCounts,
    RowCounts,
    SharedCollection,
    import_paths,
    import_skillmeat,
    list_sources,
    remove_source,
)
from skillmeat.importer.readers.skillmeat import find_files
from skillmeat.maintenance import list_count_drift
from tests.catalogue.sessions import until_blocked
from tests.importer.caches import LATER_STATE, Cache
from tests.importer.markets import (
    artifacts,
    document,
    market,
    members,
    rows,
    run_import,
    versions,
)
from tests.importer.readers.trees import listing, write_files

X = {"agents/x.md": document("x")}
Y = {"agents/y.md": document("y")}
Z = {"agents/z.md": document("z")}


def plugin(root: Path, files: dict[str, str], **about: object) -> Path:
    """Write one plugin, in place of what the folder has."""
    shutil.rmtree(root, ignore_errors=True)
    return write_files(root, {".claude-plugin/plugin.json": about, **files})


def described(conn: Connection, collection_id: str) -> tuple[str | None, str | None]:
    """Return the description and the source of a collection."""
    found = get_collection(conn, collection_id)
    assert found is not None
    return found.description, found.source


def tags(conn: Connection, artifact_id: str = "agent:x") -> list[str]:
    found = get_artifact(conn, artifact_id)
    assert found is not None
    return sorted(found.tags)


def tags_of_catalogue(conn: Connection) -> list[str]:
    return [tag.name for tag in list_tags(conn).items]


def tagged(version: str, *names: str) -> dict[str, str]:
    return {"agents/x.md": document(version=version, tags=f"[{', '.join(names)}]")}


def test_a_folder_keeps_its_collections_whatever_its_name_and_manifest(
    conn: Connection, tmp_path: Path
) -> None:
    root = tmp_path / "kit"
    write_files(root, {"agents/x.md": document("x"), "agents/y.md": document("y")})
    run_import(conn, root, prune=True)
    assert members(conn) == {"default": ["agent:x", "agent:y"]}

    run_import(conn, plugin(root, X | Y, name="kit", description="First"), prune=True)
    assert described(conn, "kit") == ("First", "kit")

    plugin(root, X | Y, name="kit")
    entry = {"name": "kit", "source": "./", "description": "Second"}
    write_files(root, {".claude-plugin/marketplace.json": listing(entry) | {"name": "team"}})
    run_import(conn, root, prune=True)
    assert described(conn, "kit") == ("Second", "team")

    plugin(root, Y, name="kit")
    write_files(root, {".claude-plugin/marketplace.json": listing(entry) | {"name": "crew"}})
    assert run_import(conn, root, prune=True).removed.artifacts == 1
    assert described(conn, "kit") == ("Second", "crew")
    assert members(conn) == {"default": ["agent:y"], "kit": ["agent:y"]}
    assert conn.execute("select name, root from sources").fetchall() == [("crew", str(root))]


def test_a_folder_that_moved_is_known_by_its_name_if_the_old_one_is_gone(
    conn: Connection, tmp_path: Path
) -> None:
    run_import(conn, market(tmp_path / "a", {"p": X | Y}))
    shutil.rmtree(tmp_path / "a")

    run_import(conn, market(tmp_path / "b", {"p": X}), prune=True)

    assert artifacts(conn) == ["agent:x"]
    assert conn.execute("select root from sources").fetchall() == [(str(tmp_path / "b"),)]


def test_two_folders_with_one_name_are_two_sources_and_the_report_names_the_folders(
    conn: Connection, tmp_path: Path
) -> None:
    run_import(conn, market(tmp_path / "a", {"p": X | Y}))

    report = run_import(conn, market(tmp_path / "b", {"p": X}), prune=True)

    folders = [f"market ({tmp_path / name})" for name in ("a", "b")]
    assert report.shared == (SharedCollection("p", folders),)
    assert artifacts(conn) == ["agent:x", "agent:y"]


def test_two_recorded_sources_become_one(conn: Connection, tmp_path: Path) -> None:
    run_import(conn, market(tmp_path / "a", {"p": X | Y}, name="a"))
    run_import(conn, market(tmp_path / "b", {"p": X, "q": Z}, name="b"))
    shutil.rmtree(tmp_path / "a")

    run_import(conn, market(tmp_path / "b", {"p": X}, name="a"), prune=True)

    assert members(conn) == {"default": ["agent:x"], "p": ["agent:x"]}
    assert conn.execute("select name from sources").fetchall() == [("a",)]


def test_sources_in_rotation_change_nothing_after_the_first_round(
    conn: Connection, tmp_path: Path
) -> None:
    roots = [
        market(
            tmp_path / name,
            {"p": tagged(version, name, tag), f"p-{name}": Y},
            name=name,
        )
        for name, version, tag in (("b", "1.9", "Tag"), ("a", "1.10", "TAG"), ("c", "1.2", "tag"))
    ]
    manifest = roots[1] / ".claude-plugin/marketplace.json"
    manifest.write_text(manifest.read_text().replace("The plugin p", "Another"))
    for root in roots:
        run_import(conn, root)
    before = rows(conn, locks=True)

    for _ in range(2):
        for root in roots:
            report = run_import(conn, root, prune=True)
            assert not report.changed
            assert [(each.artifact_id, each.source) for each in report.conflicts] == [
                ("agent:x", "a")
            ]

    assert rows(conn, locks=True) == before
    assert versions(conn, "agent:x")[-1] == "1.10"
    assert (described(conn, "p"), tags(conn)) == (("Another", "a"), ["TAG", "a", "b", "c"])


def test_an_artifact_that_left_the_source_of_its_latest_copy_falls_back_to_another(
    conn: Connection, tmp_path: Path
) -> None:
    old = {"agents/x.md": document(version="1", title="Old")}
    new = {"agents/x.md": document(version="2", title="New")}
    run_import(conn, market(tmp_path / "a", {"p": new | Y}, name="a"))
    run_import(conn, market(tmp_path / "b", {"q": old}, name="b"))

    run_import(conn, market(tmp_path / "a", {"p": Y}, name="a"), prune=True)

    found = get_artifact(conn, "agent:x")
    assert found is not None
    assert (found.title, found.version) == ("Old", "1")
    assert found.source == "b/plugins/q/agents/x.md"
    assert members(conn)["q"] == ["agent:x"]


def test_a_copy_that_its_source_lost_does_not_come_back_with_another_source(
    conn: Connection, tmp_path: Path
) -> None:
    a = market(tmp_path / "a", {"p": {"agents/x.md": document(version="2", title="New")} | Y})
    b = market(tmp_path / "b", {"q": {"agents/x.md": document(version="1", title="Old")}})
    run_import(conn, a, b)
    run_import(conn, market(a, {"p": Y}))

    run_import(conn, b)

    found = get_artifact(conn, "agent:x")
    assert found is not None
    assert (found.title, found.version) == ("Old", "1")


def test_a_copy_that_cannot_be_read_stays_the_latest_beside_another_plugins_copy(
    conn: Connection, tmp_path: Path
) -> None:
    root = market(tmp_path, {"p": tagged("2", "t"), "q": tagged("1", "t")})
    run_import(conn, root)
    (root / "plugins/p/agents/x.md").write_bytes(b"\xff\xfe")

    run_import(conn, root)

    found = get_artifact(conn, "agent:x")
    assert found is not None
    assert found.version == "2"


def test_a_prune_removes_the_tags_that_no_source_has_and_no_person_added(
    conn: Connection, tmp_path: Path
) -> None:
    by_hand = create_tag(conn, name="by-hand")
    create_tag(conn, name="unused")
    run_import(conn, market(tmp_path / "b", {"q": tagged("1", "shared")}, name="b"))
    tag_artifacts(conn, by_hand.id, ["agent:x"])
    root = market(tmp_path / "a", {"p": tagged("2", "shared", "by-hand", "old", "unused", "Kept")})
    run_import(conn, root)
    market(root, {"p": tagged("2", "kept")})

    assert run_import(conn, root).removed == RemovedCounts()
    assert tags(conn) == ["by-hand", "kept", "old", "shared", "unused"]

    assert run_import(conn, root, prune=True).removed == RemovedCounts(tags=2)
    assert tags(conn) == ["by-hand", "kept", "shared"]
    assert {tag.name for tag in list_tags(conn).items} == {"by-hand", "kept", "shared", "unused"}
    assert not run_import(conn, root, prune=True).changed


def test_a_prune_keeps_what_a_person_made(conn: Connection, tmp_path: Path) -> None:
    put_artifacts(conn, [NewArtifact("agent", "y", title="Mine")])
    run_import(conn, market(tmp_path / "m", {"p": X, "q": Z}), join_default=False)
    create_collection(conn, id="default", name="Default")
    add_artifacts(conn, "default", ["agent:x"])
    add_artifacts(conn, "p", ["agent:y", "agent:z"])
    run_import(conn, market(tmp_path / "m", {"p": X | Y | Z, "q": X}))

    run_import(conn, market(tmp_path / "m", {"q": {"agents/new.md": document()}}), prune=True)

    assert members(conn) == {
        "default": ["agent:new", "agent:x", "agent:y", "agent:z"],
        "p": ["agent:y", "agent:z"],
        "q": ["agent:new"],
    }


def test_a_broken_copy_keeps_its_own_membership_only(conn: Connection, tmp_path: Path) -> None:
    root = market(tmp_path, {"p": tagged("1", "t") | Y, "q": X | Y})
    run_import(conn, root)
    (root / "plugins/p/agents/x.md").write_bytes(b"\xff\xfe")
    (root / "plugins/q/agents/x.md").unlink()
    (root / "plugins/p/agents/y.md").unlink()

    report = run_import(conn, root, prune=True)

    assert report.removed == RemovedCounts(memberships=2)
    assert members(conn) == {
        "default": ["agent:x", "agent:y"],
        "p": ["agent:x"],
        "q": ["agent:y"],
    }
    assert (tags(conn), versions(conn, "agent:x")[-1]) == (["t"], "1")


def test_a_plugin_of_two_sources_is_shared_and_neither_prunes_what_the_other_has(
    conn: Connection, tmp_path: Path
) -> None:
    a = market(tmp_path / "a", {"p": X | Y}, name="a")
    b = market(tmp_path / "b", {"p": X}, name="b")
    assert run_import(conn, a).shared == ()
    assert run_import(conn, b).shared == (SharedCollection("p", ["a", "b"]),)

    market(a, {"p": Y, "r": Z}, name="a")
    assert run_import(conn, a, prune=True).removed == RemovedCounts()
    assert members(conn)["p"] == ["agent:x", "agent:y"]

    market(b, {"q": Z}, name="b")
    assert run_import(conn, b, prune=True).removed == RemovedCounts(artifacts=1, memberships=1)
    assert members(conn)["p"] == ["agent:y"]
    assert run_import(conn, a, b).shared == ()


def test_what_skillmeat_has_is_not_pruned(conn: Connection, tmp_path: Path) -> None:
    root = market(tmp_path / "m", {"p": tagged("1", "t") | Y})
    run_import(conn, root)
    cache = Cache(tmp_path / "cache.db", schema=LATER_STATE)
    cache.artifact("agent:x")
    cache.tag("t", "t", "agent:x")
    import_skillmeat(conn, find_files(cache.path))
    before = rows(conn, locks=True)
    assert not import_skillmeat(conn, find_files(cache.path)).changed
    assert rows(conn, locks=True) == before

    run_import(conn, market(root, {"p": Y}), prune=True)

    assert (artifacts(conn), tags(conn)) == (["agent:x", "agent:y"], ["t"])


@pytest.mark.parametrize("is_committed", [True, False])
def test_a_prune_sees_what_another_session_adds_to_an_artifact_meanwhile(
    conn: Connection, url: str, other: Connection, tmp_path: Path, *, is_committed: bool
) -> None:
    run_import(conn, market(tmp_path, {"p": X | Y}))
    create_collection(conn, id="mine", name="Mine")
    root = market(tmp_path, {"p": X})
    with (
        skillmeat.connect(url) as person,
        ThreadPoolExecutor() as pool,
    ):
        add_artifacts(person, "mine", ["agent:y"])
        pruned = pool.submit(import_paths, other, [root], prune=True)
        until_blocked(conn, other)
        if is_committed:
            person.commit()
        else:
            person.rollback()
        pruned.result()

    assert artifacts(conn) == (["agent:x", "agent:y"] if is_committed else ["agent:x"])
    assert members(conn)["mine"] == (["agent:y"] if is_committed else [])


def test_a_source_whose_folder_is_gone_is_removed_by_name_or_folder(
    conn: Connection, tmp_path: Path
) -> None:
    old = {"agents/x.md": document(version="1", title="Old")}
    new = {"agents/x.md": document(version="2", title="New")}
    run_import(conn, market(tmp_path / "b", {"p": old}, name="b"))
    before = (members(conn), tags_of_catalogue(conn), described(conn, "p"))
    a = market(tmp_path / "a", {"p": tagged("2", "t") | new | Y, "q": Z}, name="a")
    run_import(conn, a)
    assert [(each.name, each.plugins, each.artifacts) for each in list_sources(conn)] == [
        ("a", 2, 3),
        ("b", 1, 1),
    ]
    shutil.rmtree(a)

    dry = remove_source(conn, "a", dry_run=True)
    assert len(list_sources(conn)) == 2
    report = remove_source(conn, str(a))

    assert report.removed == dry.removed == RemovedCounts(2, 1, 2, 0)
    assert (members(conn), tags_of_catalogue(conn), described(conn, "p")) == before
    found = get_artifact(conn, "agent:x")
    assert found is not None
    assert (found.title, found.version) == ("Old", "1")
    assert [each.name for each in list_sources(conn)] == ["b"]
    assert list_count_drift(conn) == ()
    with pytest.raises(SourceError, match="no source has the name or folder a: name a folder"):
        remove_source(conn, "a")


def test_a_source_with_a_nul_in_its_name_is_unknown(conn: Connection) -> None:
    with pytest.raises(SourceError, match=r"no source has the name or folder a\\x00:"):
        remove_source(conn, "a\0")


def test_a_name_that_two_sources_have_does_not_name_one(conn: Connection, tmp_path: Path) -> None:
    run_import(conn, *(market(tmp_path / name, {"p": X}) for name in ("a", "b")))

    with pytest.raises(SourceError, match="several sources have the name or folder market"):
        remove_source(conn, "market")

    assert artifacts(conn) == ["agent:x"]
    remove_source(conn, str(tmp_path / "a"))
    assert artifacts(conn) == ["agent:x"]
    remove_source(conn, "market")
    assert (artifacts(conn), list_sources(conn)) == ([], ())


def market_and_project(root: Path) -> Path:
    """Write a marketplace that is a project too: two sources in one folder."""
    return write_files(market(root, {"p": X}), {".claude/agents/z.md": document("z")})


def test_a_claude_folder_that_is_named_alone_leaves_its_marketplace_alone(
    conn: Connection, tmp_path: Path
) -> None:
    root = market_and_project(tmp_path)
    run_import(conn, root)
    recorded = list_sources(conn)

    report = run_import(conn, root / ".claude", prune=True)

    assert not report.changed
    assert list_sources(conn) == recorded


def test_a_project_beside_a_marketplace_is_reported_and_kept_although_nothing_of_it_is_read(
    conn: Connection, tmp_path: Path
) -> None:
    root = market_and_project(tmp_path)
    run_import(conn, root)
    shutil.rmtree(root / ".claude/agents")
    (root / ".claude/agents").symlink_to("agents")

    report = run_import(conn, root, prune=True)

    assert report.removed == RemovedCounts()
    assert [(each.path, each.reason) for each in report.problems] == [
        (".claude/agents", "is a symlink loop")
    ]


def test_two_sources_of_one_folder_are_removed_one_by_one(conn: Connection, tmp_path: Path) -> None:
    root = market_and_project(tmp_path)
    run_import(conn, root)

    with pytest.raises(SourceError, match=f"name {root}/.claude or {root}/.claude-plugin$"):
        remove_source(conn, str(root))
    assert remove_source(conn, f"{root}/.claude-plugin", dry_run=True).sources == ("market",)
    remove_source(conn, f"{root}/.claude")

    assert artifacts(conn) == ["agent:x"]
    assert remove_source(conn, str(root)).sources == ("market",)


def test_a_collection_that_a_source_lost_is_counted_if_another_source_describes_it(
    conn: Connection, tmp_path: Path
) -> None:
    b = market(tmp_path / "b", {"p": X, "q": Y}, name="b")
    run_import(conn, market(tmp_path / "a", {"p": X, "q": Y, "r": Z}, name="a"), b)

    report = run_import(conn, market(tmp_path / "a", {"r": Z}, name="a"), join_default=False)

    assert (report.collections, report.collections.unchanged) == (RowCounts(3, 0, 2), 1)


def test_a_respelled_tag_is_counted_apart_from_the_tags_of_artifacts(
    conn: Connection, tmp_path: Path
) -> None:
    run_import(conn, market(tmp_path / "b", {"q": {"agents/y.md": document(tags="tag")}}, name="b"))
    run_import(conn, market(tmp_path / "a", {"p": tagged("1", "Tag")}, name="a"))

    report = run_import(conn, market(tmp_path / "a", {"p": tagged("1")}, name="a"))

    assert (report.tags, report.tags_respelled, report.changed) == (RowCounts(0, 0, 0), 1, True)
    assert tags_of_catalogue(conn) == ["tag"]
