"""Imports of SkillMeat's data into a catalogue that has rows already, and unusual values."""

from pathlib import Path

import pytest
from psycopg import Connection

from skillmeat.catalogue import edit_collection, get_artifact
from skillmeat.importer import SkillMeatReport, import_paths, import_skillmeat
from skillmeat.importer.readers.skillmeat import find_files
from tests.importer.caches import LATER_STATE, MOMENT, Cache, import_path
from tests.importer.markets import rows
from tests.importer.readers.trees import write_files

NEWER = "2026-03-04 00:00:00.000000"


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    """Return an empty database with the later schema."""
    return Cache(tmp_path / "cache.db", schema=LATER_STATE)


def import_twice(conn: Connection, path: Path) -> SkillMeatReport:
    """Import `path` twice; the second import changes nothing."""
    report = import_skillmeat(conn, find_files(path))
    before = rows(conn)
    assert not import_skillmeat(conn, find_files(path)).changed
    assert rows(conn) == before
    return report


def names(conn: Connection, table: str) -> dict[str, str]:
    """Return the name of each id."""
    return dict(conn.execute(f"select id::text, name::text from {table}").fetchall())


def test_names_that_were_swapped_in_the_source_are_swapped(conn: Connection, cache: Cache) -> None:
    for id_, name in (("a", "One"), ("b", "Two")):
        cache.collection(id_, name)
        cache.tag(f"t{id_}", name)
        cache.group(f"g{id_}", "a", name)
    import_twice(conn, cache.path)
    for table in ("collections", "tags", "groups"):
        cache.run(
            f"update {table} set name = case name when 'One' then 'Two' else 'One' end,"
            " updated_at = ?",
            NEWER,
        )

    import_twice(conn, cache.path)

    assert names(conn, "collections") == {"a": "Two", "b": "One"}
    assert names(conn, "tags") == {"ta": "Two", "tb": "One"}
    assert names(conn, "groups") == {"ga": "Two", "gb": "One"}


def test_a_name_that_one_tag_released_goes_to_another_tag(conn: Connection, cache: Cache) -> None:
    cache.artifact("skill:a")
    cache.tag("t1", "Python", "skill:a")
    import_twice(conn, cache.path)
    cache.run("update tags set name = 'Snake', slug = 'snake', updated_at = ?", NEWER)
    cache.tag("t2", "Python")

    import_twice(conn, cache.path)

    found = get_artifact(conn, "skill:a")
    assert found is not None
    assert names(conn, "tags") == {"t1": "Snake", "t2": "Python"}
    assert found.tags == ("Snake",)


def test_a_tag_of_which_only_the_name_is_known_stays_renamed(
    conn: Connection, cache: Cache
) -> None:
    cache.collection("c", "C")
    cache.artifact("skill:a")
    cache.member("c", "skill:a", tags_json='["git"]')
    import_twice(conn, cache.path)
    conn.execute("update tags set name = 'VCS', slug = 'vcs'")

    import_twice(conn, cache.path)

    found = get_artifact(conn, "skill:a")
    assert found is not None
    assert found.tags == ("VCS",)


def test_a_collection_that_was_renamed_in_the_catalogue_stays_renamed(
    conn: Connection, cache: Cache
) -> None:
    cache.collection("a", "One")
    cache.collection("b", "Other")
    import_twice(conn, cache.path)
    edit_collection(conn, "a", name="Two")
    cache.run("update collections set name = 'Two', updated_at = ? where id = 'b'", NEWER)

    report = import_twice(conn, cache.path)

    assert names(conn, "collections") == {"a": "Two", "b": "Two (2)"}
    assert [note.what for note in report.adjusted] == ["collection Two"]


def test_the_default_collection_of_a_database_replaces_that_of_a_projects_record(
    conn: Connection, cache: Cache, tmp_path: Path
) -> None:
    record = tmp_path / ".skillmeat-deployed.toml"
    record.write_text(
        '[[deployed]]\nartifact_name = "a"\nartifact_type = "skill"\ncontent_hash = "h"\n'
        'from_collection = "default"\ndeployed_at = "2026-03-01T10:00:00"\n'
    )
    import_twice(conn, record)
    cache.collection("default", "Default Collection", description="d")

    import_twice(conn, cache.path)

    assert names(conn, "collections") == {"default": "Default Collection"}


def test_the_latest_version_is_the_declared_one_after_any_contents(
    conn: Connection, cache: Cache
) -> None:
    cache.artifact("skill:a", deployed_version="1.2")
    cache.run(
        "insert into artifact_versions values ('v', 'skill:a', 'h', null, 'sync', null, ?, null)",
        NEWER,
    )

    import_twice(conn, cache.path)

    found = get_artifact(conn, "skill:a")
    assert found is not None
    assert found.version == "1.2"
    assert conn.execute("select content_hash from artifact_versions").fetchall() == [("h",)] * 2


def test_an_artifact_that_the_source_has_twice_is_imported_once_and_reported(
    conn: Connection, cache: Cache
) -> None:
    cache.collection("c", "C")
    for id_ in ("skill:a", "p1-a"):
        cache.artifact(id_, type="skill", name="a")
        cache.member("c", id_)

    report = import_twice(conn, cache.path)

    (differing,) = report.differences
    assert (differing.source, differing.here) == (2, 1)
    assert differing.why == "1 are listed more than once in the source"


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"content_hash": "h" * 300, "deployed_version": "1"}, "its content_hash is too long"),
        ({"created_at": "yesterday"}, "its created_at is not a time"),
        ({"updated_at": "0001-01-01 00:00:00"}, "its updated_at is not a time"),
        ({"description": "a\x00b"}, "its description has characters that cannot be stored"),
        ({"description": "x" * 100_001}, "its description is cut after"),
    ],
)
def test_a_value_that_is_adjusted_is_reported(
    conn: Connection, cache: Cache, columns: dict[str, object], reason: str
) -> None:
    cache.artifact("skill:a", **columns)

    report = import_twice(conn, cache.path)

    (note,) = report.adjusted
    assert (note.what, note.reason.startswith(reason)) == ("artifacts skill:a", True)


def test_a_tag_without_a_name_takes_its_id_as_name(conn: Connection, cache: Cache) -> None:
    cache.tag("i" * 200, "", slug="", created_at=MOMENT)

    import_twice(conn, cache.path)

    assert set(names(conn, "tags").values()) == {"i" * 100}


def test_a_name_that_has_a_number_already_is_kept(conn: Connection, cache: Cache) -> None:
    for place, name in enumerate(("X", "X", "X", "X (2)")):
        cache.collection(f"c{place}", name, created_at=f"2026-01-0{place + 1} 00:00:00")

    import_twice(conn, cache.path)

    assert names(conn, "collections") == {"c0": "X", "c1": "X (3)", "c2": "X (4)", "c3": "X (2)"}


def test_a_projects_record_does_not_change_when_a_member_joined(
    conn: Connection, cache: Cache, tmp_path: Path
) -> None:
    cache.collection("default", "Default Collection")
    cache.artifact("skill:pdf")
    cache.member("default", "skill:pdf")
    record = tmp_path / ".skillmeat-deployed.toml"
    record.write_text(
        '[[deployed]]\nartifact_name = "pdf"\nartifact_type = "skill"\n'
        'from_collection = "default"\ndeployed_at = "2026-05-06T07:08:09"\n'
    )
    import_twice(conn, cache.path)

    assert not import_twice(conn, record).changed


def test_a_group_does_not_change_when_a_member_joined(
    conn: Connection, cache: Cache, tmp_path: Path
) -> None:
    cache.collection("default", "Default Collection")
    cache.artifact("skill:pdf")
    cache.member("default", "skill:pdf", added_at="2026-05-06 07:08:09")
    import_twice(conn, cache.path)
    other = Cache(tmp_path / "other.db", schema=LATER_STATE)
    other.collection("default", "Default Collection")
    other.artifact("skill:pdf")
    other.group("g", "default", "First")
    other.place("g", "skill:pdf", 0)

    report = import_twice(conn, other.path)

    assert report.tables.memberships.updated == 0


def test_an_adjusted_name_never_replaces_an_original_one(conn: Connection, cache: Cache) -> None:
    cache.collection("c0", "X ", created_at="2026-01-01 00:00:00")
    cache.collection("c1", "X", created_at="2026-01-02 00:00:00")

    import_twice(conn, cache.path)

    assert names(conn, "collections") == {"c0": "X (2)", "c1": "X"}


def test_a_content_that_a_project_deployed_is_never_the_latest_version(
    conn: Connection, cache: Cache, tmp_path: Path
) -> None:
    cache.collection("default", "Default Collection")
    cache.artifact("skill:pdf", content_hash="own", deployed_version="1.2")
    cache.member("default", "skill:pdf")
    record = tmp_path / ".skillmeat-deployed.toml"
    record.write_text(
        '[[deployed]]\nartifact_name = "pdf"\nartifact_type = "skill"\n'
        'content_hash = "edited"\ndeployed_at = "2026-05-06T07:08:09"\n'
    )
    import_twice(conn, cache.path)
    import_twice(conn, record)
    again = import_skillmeat(conn, find_files(cache.path))

    contents = conn.execute(
        "select content_hash::text from artifact_versions order by created_at, id"
    ).fetchall()
    assert (again.changed, contents) == (False, [("own",), ("edited",), ("own",)])


def test_two_folders_are_two_collections_even_if_the_catalogue_renamed_one(
    conn: Connection, tmp_path: Path
) -> None:
    conn.execute("insert into collections (id, name) values ('default', 'Default Collection')")
    for month, name in enumerate(("default", "Default Collection"), start=1):
        folder = tmp_path / "collections" / name
        folder.mkdir(parents=True)
        (folder / "collection.toml").write_text(
            f'[[artifacts]]\nname = "pdf"\ntype = "skill"\nadded = "2026-0{month}-01"\n'
        )

    report = import_twice(conn, tmp_path)

    assert (report.differences, names(conn, "collections")) == (
        (),
        {"default": "Default Collection", "Default Collection": "Default Collection (2)"},
    )


def test_an_import_of_the_folders_keeps_what_only_skillmeat_knows(
    conn: Connection, cache: Cache, tmp_path: Path
) -> None:
    cache.artifact("skill:pdf", source="github.com/x/y")
    cache.collection("default", "Default")
    cache.member("default", "skill:pdf", description="From SkillMeat", author="Me")
    folder = write_files(tmp_path / "skills", {"pdf/SKILL.md": "---\nlicense: MIT\n---\n"})
    import_path(conn, cache.path)

    import_paths(conn, [folder], join_default=False)

    found = get_artifact(conn, "skill:pdf")
    assert found is not None
    assert (found.description, found.author, found.license) == ("From SkillMeat", "Me", "MIT")
    assert "uuid" in found.metadata
    assert not import_path(conn, cache.path).changed
    assert not import_paths(conn, [folder], join_default=False).changed
