"""The latest content of an artifact after any imports in any order."""

import itertools
from collections.abc import Iterable
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet
from psycopg import Connection

import skillmeat
from skillmeat.catalogue import get_artifact
from tests.importer.markets import document, home, market, rows, run_import, versions

ID = "agent:x"


def latest(conn: Connection) -> tuple[str | None, str | None, str | None]:
    """Return the version, description and title of the artifact."""
    found = get_artifact(conn, ID)
    assert found is not None
    return found.version, found.description, found.title


def exhaustive_but(telling: list[str], *orders: Iterable[tuple[str, ...]]) -> list[ParameterSet]:
    """Return every order of sources; only the telling ones run by default."""
    return [
        pytest.param(order, marks=() if "".join(order) in telling else pytest.mark.exhaustive)
        for order in itertools.chain(*orders)
    ]


def agent(version: str, **fields: str) -> dict[str, str]:
    """Return the files of a plugin with one agent."""
    return {"agents/x.md": document(version, version=version, **fields)}


def test_a_changed_file_adds_one_version_and_updates_the_columns(
    conn: Connection, tmp_path: Path
) -> None:
    root = market(tmp_path, {"p": agent("1.0"), "q": {"agents/y.md": document()}})
    run_import(conn, root)
    before = rows(conn)
    (root / "plugins/p/agents/x.md").write_text(document(version="1.1", title="New"))

    report = run_import(conn, root)

    assert (report.artifacts.added, report.artifacts.updated, report.versions_added) == (0, 1, 1)
    assert latest(conn) == ("1.1", "d", "New")
    assert versions(conn, ID) == ["1.0", "1.1"]
    after = rows(conn)
    assert {table for table in after if after[table] != before[table]} == {
        "artifacts",
        "artifact_versions",
        "source_artifacts",
    }
    assert len(set(after["artifacts"]) - set(before["artifacts"])) == 1


def test_a_change_of_the_body_alone_adds_a_version_and_leaves_the_artifacts_row(
    conn: Connection, tmp_path: Path
) -> None:
    root = market(tmp_path, {"p": {"agents/x.md": document("one")}})
    run_import(conn, root)
    before = rows(conn)
    (root / "plugins/p/agents/x.md").write_text(document("two"))

    report = run_import(conn, root)

    assert (report.artifacts.updated, report.versions_added) == (1, 1)
    after = rows(conn)
    assert {table for table in after if after[table] != before[table]} == {
        "artifact_versions",
        "source_artifacts",
    }


def test_a_content_that_returns_is_the_latest_again(conn: Connection, tmp_path: Path) -> None:
    for version in ("1", "2", "1", "1", "2"):
        run_import(conn, market(tmp_path, {"p": agent(version)}))
        assert latest(conn)[0] == version

    assert versions(conn, ID) == ["1", "2", "1", "2"]


def test_a_moved_file_keeps_its_version_and_gets_a_new_path(
    conn: Connection, tmp_path: Path
) -> None:
    run_import(conn, market(tmp_path, {"p": agent("1")}))
    report = run_import(conn, market(tmp_path, {"q": agent("1")}))

    found = get_artifact(conn, ID)
    assert found is not None
    assert found.source == "market/plugins/q/agents/x.md"
    assert (report.versions_added, report.artifacts.updated) == (0, 1)


@pytest.mark.parametrize("order", exhaustive_but(["abc", "cba"], itertools.permutations("abc")))
def test_the_highest_version_of_conflicting_copies_wins_in_any_order_of_paths(
    conn: Connection, tmp_path: Path, order: tuple[str, ...]
) -> None:
    given = {"a": "1.9", "b": "1.10", "c": "1.2"}
    for name, version in given.items():
        market(tmp_path / name, {f"p-{name}": agent(version)}, name=f"market-{name}")

    report = run_import(conn, *(tmp_path / name for name in order))

    assert latest(conn)[0] == "1.10"
    assert versions(conn, ID) == ["1.2", "1.9", "1.10"]
    (conflict,) = report.conflicts
    assert (conflict.contents, conflict.collection_id) == (3, "p-b")
    assert not run_import(conn, *(tmp_path / name for name in reversed(order))).changed


@pytest.mark.parametrize(
    "history",
    exhaustive_but(
        ["b", "abc", "bca", "cba"],
        *(itertools.permutations("abc", imports) for imports in (1, 2, 3)),
    ),
)
def test_a_full_import_has_the_same_latest_content_after_any_partial_imports(
    conn: Connection, tmp_path: Path, history: tuple[str, ...]
) -> None:
    given = {"a": "1.9", "b": "1.10", "c": "1.2"}
    for name, version in given.items():
        market(tmp_path / name, {f"p-{name}": agent(version, title=version)}, name=f"market-{name}")
    for name in history:
        run_import(conn, tmp_path / name)

    run_import(conn, *(tmp_path / name for name in "abc"))

    assert latest(conn) == ("1.10", "d", "1.10")
    before = rows(conn)
    run_import(conn, *(tmp_path / name for name in "cab"))
    assert rows(conn) == before


@pytest.mark.parametrize("swap", [False, True])
def test_two_sources_with_the_same_file_at_the_same_path_stay_two(
    conn: Connection, tmp_path: Path, *, swap: bool
) -> None:
    paths = [market(tmp_path / name, {"p": agent("1")}, name=name) for name in ("a", "b")]

    run_import(conn, *(reversed(paths) if swap else paths))

    found = get_artifact(conn, ID)
    assert found is not None
    assert found.source == "a/plugins/p/agents/x.md"
    assert conn.execute("select source from collections where id = 'p'").fetchone() == ("a",)
    assert conn.execute("select metadata ->> 'source' from artifact_versions").fetchall() == [
        ("a",)
    ]


def test_a_path_given_twice_counts_once(conn: Connection, tmp_path: Path) -> None:
    root = market(tmp_path / "m", {"p": {**agent("1"), "agents/bad.md": "no front matter"}})
    (tmp_path / "link").symlink_to(root)

    report = run_import(conn, root, root, tmp_path / "link")

    assert (report.artifacts.found, len(report.problems), report.conflicts) == (2, 1, ())


def test_the_import_that_commits_last_is_the_latest(
    conn: Connection, url: str, tmp_path: Path
) -> None:
    with skillmeat.connect(url) as early:
        early.execute("select now()")
        run_import(conn, market(tmp_path, {"p": agent("2")}))

        run_import(early, market(tmp_path, {"p": agent("1")}))

    assert latest(conn)[0] == "1"
    assert versions(conn, ID) == ["2", "1"]


def test_a_version_from_the_future_does_not_stay_the_latest(
    conn: Connection, tmp_path: Path
) -> None:
    root = market(tmp_path, {"p": agent("1")})
    run_import(conn, root)
    conn.execute(
        "insert into artifact_versions (artifact_id, content_hash, version, created_at)"
        " values (%s, 'x', 'by hand', now() + interval '1 year')",
        (ID,),
    )

    run_import(conn, root)

    assert latest(conn)[0] == "1"
    assert not run_import(conn, root).changed


def test_importing_one_of_two_sources_changes_nothing(conn: Connection, tmp_path: Path) -> None:
    root = market(tmp_path / "m", {"p": agent("2"), "q": {"agents/y.md": document()}})
    project = home(tmp_path / "project", {"agents/x.md": document(version="1")})

    run_import(conn, root, project)
    both = rows(conn, locks=True)
    run_import(conn, project)
    run_import(conn, root)
    run_import(conn, root, project)

    assert latest(conn)[0] == "2"
    assert rows(conn, locks=True) == both
