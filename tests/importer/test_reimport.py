"""Recorded sources, imported again from the folders that an earlier import read."""

import shutil
from pathlib import Path

from psycopg import Connection

from skillmeat.catalogue import create_collection
from skillmeat.importer import import_again, import_paths
from tests.importer.markets import artifacts, document, home, market, members
from tests.importer.readers.trees import write_files
from tests.importer.test_contents import texts

X = {"agents/x.md": document("x")}


def test_a_source_brings_what_is_new_and_joins_default_as_before(
    conn: Connection, tmp_path: Path
) -> None:
    market(tmp_path / "m", {"p": X})
    home(tmp_path / "h", {"agents/h.md": document("h")})
    import_paths(conn, [tmp_path / "m"], join_default=False, keep_content=False)
    import_paths(conn, [tmp_path / "h"])
    market(tmp_path / "m", {"p": X | {"agents/y.md": document("y")}})
    home(tmp_path / "h", {"agents/i.md": document("i")})

    found = import_again(conn)

    assert [each.error for each in found] == [None, None]
    assert artifacts(conn) == ["agent:h", "agent:i", "agent:x", "agent:y"]
    assert members(conn) == {"default": ["agent:h", "agent:i"], "p": ["agent:x", "agent:y"]}
    assert [key for key, text in texts(conn).items() if text] == ["agent:h", "agent:i"]


def test_a_collection_chooses_the_sources_that_fill_it(conn: Connection, tmp_path: Path) -> None:
    for name in ("a", "b"):
        first = {f"agents/{name}.md": document()}
        import_paths(conn, [market(tmp_path / name, {name: first}, name=name)], join_default=False)
        market(tmp_path / name, {name: first | {f"agents/{name}2.md": document()}}, name=name)

    (only,) = import_again(conn, collection="b")

    assert only.source == "b"
    assert artifacts(conn) == ["agent:a", "agent:b", "agent:b2"]
    assert import_again(conn, collection="no") == ()


def test_a_folder_that_is_gone_is_an_error_of_its_source_alone(
    conn: Connection, tmp_path: Path
) -> None:
    for name in ("a", "b"):
        import_paths(conn, [market(tmp_path / name, {name: X}, name=name)])
    shutil.rmtree(tmp_path / "a")

    gone, kept = import_again(conn)

    assert gone.report is None
    assert str(tmp_path / "a") in str(gone.error)
    assert kept.report is not None
    assert not kept.report.changed
    assert artifacts(conn) == ["agent:x"]


def test_a_folder_that_is_two_sources_is_imported_once(conn: Connection, tmp_path: Path) -> None:
    root = write_files(market(tmp_path, {"p": X}), {".claude/agents/z.md": document()})
    import_paths(conn, [root])

    (only,) = import_again(conn)

    assert only.source == f"{root}, market"
    assert only.report is not None
    assert only.report.artifacts.found == 2


def test_a_claude_folder_that_was_imported_alone_is_imported_alone_again(
    conn: Connection, tmp_path: Path
) -> None:
    root = write_files(market(tmp_path, {"p": X}), {".claude/agents/z.md": document()})
    import_paths(conn, [root / ".claude"])

    (only,) = import_again(conn)

    assert only.report is not None
    assert not only.report.changed
    assert artifacts(conn) == ["agent:z"]


def test_a_source_joins_the_default_collection_that_a_person_made(
    conn: Connection, tmp_path: Path
) -> None:
    create_collection(conn, id="mine", name="Default Collection")
    import_paths(conn, [home(tmp_path, {"agents/a.md": document()})])
    write_files(tmp_path, {".claude/agents/b.md": document()})

    import_again(conn)

    assert members(conn) == {"mine": ["agent:a", "agent:b"]}
