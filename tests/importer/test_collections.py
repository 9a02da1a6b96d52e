"""An import and the collections that it shares with other sources and with users."""

from pathlib import Path

import pytest
from psycopg import Connection

from skillmeat.catalogue import (
    add_artifacts,
    create_collection,
    create_tag,
    edit_collection,
    get_collection,
    list_tags,
)
from tests.importer.markets import document, home, market, members, rows, run_import

X = {"agents/x.md": document()}
Y = {"agents/y.md": document()}
XY = X | Y


def test_a_plugin_is_a_collection_with_its_description_and_its_category_and_keywords_are_tags(
    conn: Connection, tmp_path: Path
) -> None:
    root = market(tmp_path, {"p": X})
    (root / ".claude-plugin/marketplace.json").write_text(
        '{"name": "m", "plugins": [{"name": "p", "description": "D", "category": "Cat",'
        ' "keywords": ["One", "two"]}]}'
    )

    run_import(conn, root)

    found = get_collection(conn, "p")
    assert found is not None
    assert (found.name, found.description, found.source) == ("p", "D", "m")
    assert {(tag.name, tag.artifact_count) for tag in list_tags(conn).items} == {
        ("Cat", 1),
        ("One", 1),
        ("two", 1),
    }


def test_a_changed_description_is_imported(conn: Connection, tmp_path: Path) -> None:
    root = market(tmp_path, {"p": X})
    run_import(conn, root)
    manifest = root / ".claude-plugin/marketplace.json"
    manifest.write_text(manifest.read_text().replace("The plugin p", "Another"))

    report = run_import(conn, root)

    found = get_collection(conn, "p")
    assert found is not None
    assert found.description == "Another"
    assert report.collections.updated == 1


def test_a_collection_of_the_same_name_takes_the_artifacts_and_keeps_its_source(
    conn: Connection, tmp_path: Path
) -> None:
    mine = create_collection(conn, id="mine", name="p", description="Mine")

    report = run_import(conn, market(tmp_path, {"p": X, "q": Y}))

    assert members(conn) == {
        "default": ["agent:x", "agent:y"],
        "mine": ["agent:x"],
        "q": ["agent:y"],
    }
    found = get_collection(conn, "mine")
    assert found is not None
    assert (found.description, found.source) == ("Mine", None)
    assert found.updated_at == mine.updated_at
    assert (report.collections.found, report.collections.added) == (3, 2)

    add_artifacts(conn, "mine", ["agent:y"])
    run_import(conn, market(tmp_path, {"p": XY}))
    run_import(conn, market(tmp_path, {"q": Y}), prune=True)
    assert members(conn)["mine"] == ["agent:y"]


def test_a_collection_with_the_same_id_takes_the_artifacts_too(
    conn: Connection, tmp_path: Path
) -> None:
    create_collection(conn, id="p", name="My own", description="Mine")

    run_import(conn, market(tmp_path, {"p": X}))
    run_import(conn, market(tmp_path, {"q": Y}), prune=True)

    found = get_collection(conn, "p")
    assert found is not None
    assert (found.name, found.description, found.artifact_count) == ("My own", "Mine", 0)


def test_a_renamed_collection_still_receives_the_plugins_artifacts(
    conn: Connection, tmp_path: Path
) -> None:
    root = market(tmp_path, {"p": X, "q": Y})
    run_import(conn, root)
    edit_collection(conn, "p", name="renamed")

    assert not run_import(conn, root, prune=True).changed


def test_a_collection_renamed_to_a_later_plugins_name_receives_both_plugins(
    conn: Connection, tmp_path: Path
) -> None:
    run_import(conn, market(tmp_path, {"p": X}))
    edit_collection(conn, "p", name="q")
    root = market(tmp_path, {"p": X, "q": Y})
    run_import(conn, root, prune=True)
    before = rows(conn)

    again = run_import(conn, root, prune=True)

    assert members(conn)["p"] == ["agent:x", "agent:y"]
    assert not again.changed
    assert rows(conn) == before


def test_every_artifact_joins_default_unless_the_caller_says_no(
    conn: Connection, tmp_path: Path
) -> None:
    project = home(tmp_path / "h", {"skills/s/SKILL.md": document()})
    root = market(tmp_path / "m", {"p": X})

    run_import(conn, project, root, join_default=False)
    assert members(conn) == {"p": ["agent:x"]}

    run_import(conn, project, root)
    assert members(conn) == {"default": ["agent:x", "skill:s"], "p": ["agent:x"]}

    assert not run_import(conn, project, root, join_default=False, prune=True).changed


@pytest.mark.parametrize("join_default", [True, False])
def test_a_plugin_named_default_joins_the_default_collection(
    conn: Connection, tmp_path: Path, *, join_default: bool
) -> None:
    root = market(tmp_path, {"default": X, "p": Y})

    run_import(conn, root, join_default=join_default)

    both = ["agent:x", "agent:y"]
    assert members(conn) == {"default": both if join_default else ["agent:x"], "p": ["agent:y"]}
    assert not run_import(conn, root, join_default=join_default, prune=True).changed


def test_pruning_a_plugin_named_default_keeps_the_default_collection(
    conn: Connection, tmp_path: Path
) -> None:
    project = home(tmp_path / "h", {"skills/s/SKILL.md": document()})
    run_import(conn, project, market(tmp_path / "m", {"default": X, "p": Y}))

    run_import(conn, market(tmp_path / "m", {"p": Y}), join_default=False, prune=True)

    assert members(conn) == {"default": ["agent:y", "skill:s"], "p": ["agent:y"]}


def test_an_existing_tag_with_the_same_name_or_slug_is_used_in_any_case(
    conn: Connection, tmp_path: Path
) -> None:
    by_slug = create_tag(conn, name="PYTHON", slug="python")
    by_name = create_tag(conn, name="Zero Downtime", slug="zd")
    create_tag(conn, name="Other", slug="Sql")
    root = market(
        tmp_path, {"p": {"agents/x.md": document(tags="[python, Zero Downtime, sql, Sql, SQL]")}}
    )

    report = run_import(conn, root)

    assert {tag.id: tag.artifact_count for tag in list_tags(conn).items}[by_slug.id] == 1
    assert {tag.id: tag.artifact_count for tag in list_tags(conn).items}[by_name.id] == 1
    assert {(tag.name, tag.slug) for tag in list_tags(conn).items} == {
        ("PYTHON", "python"),
        ("Zero Downtime", "zd"),
        ("Other", "Sql"),
        ("SQL", "sql"),
    }
    assert (report.tags.found, report.tags.added) == (3, 3)
    assert not run_import(conn, root).changed


def test_one_existing_tag_that_matches_two_is_added_once(conn: Connection, tmp_path: Path) -> None:
    create_tag(conn, name="b", slug="a")
    root = market(tmp_path, {"p": {"agents/x.md": document(tags="[a, b]")}})

    run_import(conn, root)

    assert [(tag.name, tag.artifact_count) for tag in list_tags(conn).items] == [("b", 1)]
    assert not run_import(conn, root).changed
