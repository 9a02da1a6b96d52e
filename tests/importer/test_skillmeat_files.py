"""Damaged, moved or unusual files of SkillMeat give one error, or are read whole."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from psycopg import Connection

from skillmeat.errors import SourceError
from skillmeat.importer import import_skillmeat
from skillmeat.importer.readers.skillmeat import find_files, read_skillmeat
from tests.importer.caches import MOMENT, Cache

MANIFEST = '[[artifacts]]\nname = "pdf"\ntype = "skill"\n'


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    """Return a database with one collection that has one member."""
    (tmp_path / "there").mkdir()
    cache = Cache(tmp_path / "there" / "cache.db")
    cache.collection("default", "Default Collection")
    cache.member("default", "skill:pdf")
    return cache


def counts(conn: Connection) -> dict[str, int]:
    """Return the number of members of each collection."""
    return dict(conn.execute("select id::text, artifact_count from collection_summaries"))


def test_invalid_bytes_in_the_schema_are_one_error(conn: Connection, cache: Cache) -> None:
    content = cache.path.read_bytes()
    cache.path.write_bytes(content.replace(b"project_id varchar", b"project_id 1\xd2\xd2\xd2 (("))

    with pytest.raises(SourceError, match="corrupt"):
        import_skillmeat(conn, find_files(cache.path))


def test_an_index_that_lacks_rows_is_corrupt(conn: Connection, cache: Cache) -> None:
    cache.run("create index of_collections on collection_artifacts (collection_id)")
    with closing(sqlite3.connect(cache.path, isolation_level=None)) as broken:
        index = broken.execute("select * from sqlite_master where name = 'of_collections'")
        row = index.fetchone()
        broken.execute("pragma writable_schema = 1")
        broken.execute("delete from sqlite_master where name = 'of_collections'")
    cache.member("default", "skill:docx")
    with closing(sqlite3.connect(cache.path, isolation_level=None)) as broken:
        broken.execute("pragma writable_schema = 1")
        broken.execute("insert into sqlite_master values (?, ?, ?, ?, ?)", row)

    with pytest.raises(SourceError, match="corrupt"):
        import_skillmeat(conn, find_files(cache.path))


@pytest.mark.parametrize("what", ["folder", "broken link"])
def test_a_home_whose_database_is_not_a_file_is_refused(
    conn: Connection, tmp_path: Path, what: str
) -> None:
    home = tmp_path / ".skillmeat"
    (home / "collections" / "work").mkdir(parents=True)
    (home / "collections" / "work" / "collection.toml").write_text(MANIFEST)
    (home / "cache").mkdir()
    if what == "folder":
        (home / "cache" / "cache.db").mkdir()
    else:
        (home / "cache" / "cache.db").symlink_to(tmp_path / "gone.db")

    with pytest.raises(SourceError, match=r"cache\.db"):
        import_skillmeat(conn, find_files(home))

    assert counts(conn) == {}


@pytest.fixture
def home() -> Iterator[Path]:
    """Yield a home with one of each kind of file, which every user may read."""
    with TemporaryDirectory() as folder:
        home = Path(folder)
        home.chmod(0o755)
        (home / "collections" / "work").mkdir(parents=True)
        (home / "collections" / "work" / "collection.toml").write_text(MANIFEST)
        (home / "cache").mkdir()
        Cache(home / "cache" / "cache.db").collection("default", "Default Collection")
        yield home


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
@pytest.mark.parametrize("what", ["cache", "collections", "collections/work"])
def test_a_home_with_an_unreadable_part_is_refused_whole(home: Path, what: str) -> None:
    (home / what).chmod(0)

    os.seteuid(65534)
    try:
        with pytest.raises(SourceError, match="Permission denied"):
            read_skillmeat(find_files(home))
    finally:
        os.seteuid(0)


def test_rows_that_are_not_checkpointed_are_read_through_a_link(
    conn: Connection, cache: Cache, tmp_path: Path
) -> None:
    cache.run("pragma journal_mode = wal")
    home = tmp_path / ".skillmeat" / "cache"
    home.mkdir(parents=True)
    (home / "cache.db").symlink_to(cache.path)
    with closing(sqlite3.connect(cache.path)) as other, other:
        other.execute(
            "insert into collection_artifacts values ('default', 'skill:docx', ?)", [MOMENT]
        )
        other.commit()
        import_skillmeat(conn, find_files(home.parent))

    assert counts(conn) == {"default": 2}


def test_files_that_a_killed_program_left_stay_unchanged(
    conn: Connection, cache: Cache, tmp_path: Path
) -> None:
    cache.run("pragma journal_mode = wal")
    with closing(sqlite3.connect(cache.path)) as other:
        other.execute("update collections set name = 'New'")
        other.commit()
        left = tmp_path / "left"
        shutil.copytree(cache.path.parent, left)
    (left / "cache.db-shm").write_bytes(bytes(32768))
    before = {each.name: each.read_bytes() for each in left.iterdir()}

    import_skillmeat(conn, find_files(left))

    names = conn.execute("select name::text from collections").fetchall()
    assert (names, {each.name: each.read_bytes() for each in left.iterdir()}) == (
        [("New",)],
        before,
    )


@pytest.mark.parametrize("number", ["9" * 5000, "[0x" + "f" * 5000, "1" + "_0" * 5000])
def test_a_number_with_too_many_digits_is_one_error(
    conn: Connection, tmp_path: Path, number: str
) -> None:
    path = tmp_path / "collection.toml"
    path.write_text(f"{MANIFEST}x = {number}\n")

    with pytest.raises(SourceError, match="is not TOML"):
        import_skillmeat(conn, find_files(path))


@pytest.mark.parametrize(
    ("line", "key", "kept"),
    [
        ('self = "me"', "self", '"me"'),
        (r'"a\u0000b" = 1', "a\ufffdb", "1"),
        ("x = 0x" + "f" * 5000, "x", '"0x' + "f" * 5000 + '"'),
        (f"x = {2**64}", "x", str(2**64)),
    ],
)
def test_every_field_of_an_artifact_in_a_manifest_is_kept(
    conn: Connection, tmp_path: Path, line: str, key: str, kept: str
) -> None:
    path = tmp_path / "collection.toml"
    path.write_text(f"{MANIFEST}{line}\n")

    import_skillmeat(conn, find_files(path))

    row = conn.execute("select (metadata -> %s)::text from artifacts", [key]).fetchone()
    assert row == (kept,)


def test_a_huge_number_may_be_a_name(conn: Connection, tmp_path: Path) -> None:
    path = tmp_path / "collection.toml"
    path.write_text(MANIFEST.replace('"pdf"', "0x" + "f" * 5000))

    import_skillmeat(conn, find_files(path))

    assert conn.execute("select name::text from artifacts").fetchone() == ("0x" + "f" * 253,)


def test_a_collection_without_members_gets_none_from_its_folder(
    conn: Connection, cache: Cache, tmp_path: Path
) -> None:
    cache.collection("c" * 32, "work")
    folder = tmp_path / "there" / "collections" / "work"
    folder.mkdir(parents=True)
    (folder / "collection.toml").write_text(MANIFEST)

    report = import_skillmeat(conn, find_files(cache.path.parent))

    assert (counts(conn), report.differences) == ({"default": 1, "c" * 32: 0}, ())
