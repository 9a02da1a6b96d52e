"""Imports of SkillMeat's databases keep their rows unchanged, with each of its schemas."""

import sqlite3
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from psycopg import Connection

from skillmeat.errors import SourceError
from tests.db.oracle import differences
from tests.importer.caches import EARLIER, LATER_STATE, MOMENT, Cache, import_path

WHEN = datetime.fromisoformat(MOMENT).replace(tzinfo=UTC)
SAMPLES = Path(__file__).parents[3] / "shared/data/skillmeat"
STATES = {"earlier": EARLIER, "later": LATER_STATE}


@pytest.fixture(params=STATES)
def cache(request: pytest.FixtureRequest, tmp_path: Path) -> Cache:
    """Return an empty database of SkillMeat, with each of its schemas."""
    return Cache(tmp_path / "cache.db", schema=STATES[request.param])


@pytest.fixture
def full(cache: Cache) -> Cache:
    """Return a database with rows in every table."""
    cache.collection("default", "Default Collection", description="d", collection_type="default")
    cache.collection("c" * 32, "Design Principles/2 ", created_by="me", context_category="rules")
    for artifact in ("skill:pdf", "agent:Code Reviewer", "command:notes/decision"):
        cache.artifact(artifact, source="github.com/x/y", deployed_version="1.2")
        cache.member("default", artifact)
    cache.member("c" * 32, "skill:pdf")
    cache.group("g1", "default", "First", description="one", position=1)
    cache.place("g1", "skill:pdf", 4)
    cache.place("g1", "agent:Code Reviewer", 0)
    cache.tag("t1", "AI tools", "skill:pdf", color="#AbCdEf")
    cache.run(
        "insert into project_templates values ('p1', 'Start', 'd', 'default', ?, ?)", MOMENT, MOMENT
    )
    return cache


def test_every_count_equals_the_sources(conn: Connection, full: Cache) -> None:
    report = import_path(conn, full.path)

    counts = conn.execute(
        "select id, artifact_count, group_count from collection_summaries order by id"
    ).fetchall()
    assert (counts, report.compared, report.differences, differences(conn)) == (
        [("c" * 32, 1, 0), ("default", 3, 1)],
        Counter(collection=2, group=1),
        (),
        [],
    )


def test_ids_names_and_times_are_imported_unchanged(conn: Connection, full: Cache) -> None:
    import_path(conn, full.path)

    rows = {
        "collection": "select name, created_by, context_category, created_at from collections"
        " where id = repeat('c', 32)",
        "member": "select distinct added_at from collection_artifacts",
        "group": "select id, name, description, position, created_at from groups",
        "places": "select artifact_id, position from group_artifacts order by position",
        "tag": "select id, name, slug, color, created_at from tags",
        "template": "select id, name, description, collection_id from project_templates",
        "artifact": "select name, source, added_at from artifacts where type = 'agent'",
    }
    found = {name: conn.execute(statement).fetchall() for name, statement in rows.items()}
    assert found == {
        "collection": [("Design Principles/2", "me", "rules", WHEN)],
        "member": [(WHEN,)],
        "group": [("g1", "First", "one", 1, WHEN)],
        "places": [("agent:Code Reviewer", 0), ("skill:pdf", 4)],
        "tag": [("t1", "AI tools", "ai-tools", "#AbCdEf", WHEN)],
        "template": [("p1", "Start", "d", "default")],
        "artifact": [("Code Reviewer", "github.com/x/y", WHEN)],
    }


def test_a_second_import_changes_nothing(conn: Connection, full: Cache) -> None:
    import_path(conn, full.path)
    before = conn.execute("select xmin, * from collection_artifacts order by 2, 3").fetchall()

    again = import_path(conn, full.path)

    after = conn.execute("select xmin, * from collection_artifacts order by 2, 3").fetchall()
    assert (again.changed, after) == (False, before)


def test_a_dry_run_gives_the_same_report_and_writes_nothing(conn: Connection, full: Cache) -> None:
    dry = import_path(conn, full.path, dry_run=True)

    rows = conn.execute("select count(*) from artifacts").fetchone()
    assert (dry.tables, rows) == (import_path(conn, full.path).tables, (0,))


def test_members_without_an_artifact_row_are_kept_and_reported(
    conn: Connection, cache: Cache
) -> None:
    cache.collection("default", "Default Collection")
    cache.artifact("skill:real")
    cache.member("default", "skill:real")
    cache.run(
        f"insert into collection_artifacts ({_reference(cache)}, collection_id, added_at)"
        " values ('hook:ghost', 'default', ?)",
        MOMENT,
    )

    report = import_path(conn, cache.path)

    members = conn.execute("select artifact_id from collection_artifacts order by 1").fetchall()
    assert (members, [note.what for note in report.adjusted]) == (
        [("hook:ghost",), ("skill:real",)],
        ["hook:ghost"],
    )


def test_the_second_collection_with_a_name_gets_a_number(conn: Connection, cache: Cache) -> None:
    for id_, made in (("b", "2026-01-01 00:00:00"), ("a", "2026-01-02 00:00:00"), ("c", MOMENT)):
        cache.collection(id_, "Same", created_at=made)

    report = import_path(conn, cache.path)
    import_path(conn, cache.path)

    names = conn.execute("select id, name from collections order by id").fetchall()
    assert (names, len(report.adjusted)) == (
        [("a", "Same (2)"), ("b", "Same"), ("c", "Same (3)")],
        2,
    )


def test_a_name_that_the_catalogue_has_gets_a_number(conn: Connection, cache: Cache) -> None:
    conn.execute("insert into collections (id, name) values ('ours', 'Same')")
    cache.collection("theirs", "Same")

    import_path(conn, cache.path)

    names = conn.execute("select id, name from collections order by id").fetchall()
    assert names == [("ours", "Same"), ("theirs", "Same (2)")]


def test_an_artifact_that_only_a_group_has_joins_the_collection(
    conn: Connection, cache: Cache
) -> None:
    cache.collection("c", "C")
    cache.artifact("skill:a")
    cache.group("g", "c", "G")
    cache.place("g", "skill:a", 0)

    report = import_path(conn, cache.path)

    (differing,) = report.differences
    assert (differing.name, differing.source, differing.here, differing.why) == (
        "C",
        0,
        1,
        "1 joined it because one of its groups has them",
    )


def test_values_that_the_catalogue_refuses_are_adjusted_and_reported(
    conn: Connection, cache: Cache
) -> None:
    cache.collection("", "x" * 300)
    cache.collection("odd\x01id", " \t ")
    cache.artifact("Odd Type:na\x07me ", description="a\x00b" if cache.is_later else None)
    cache.artifact("skill:" + "y" * 300)
    cache.tag("t", "T", color="red")
    cache.group("g", "odd\x01id", "", position=-3)

    report = import_path(conn, cache.path)

    kinds = {note.what.split()[0] for note in report.adjusted}
    assert ({"collection", "artifact", "tag", "group"} <= kinds, differences(conn)) == (True, [])


def test_unknown_tables_are_reported_and_missing_columns_are_null(
    conn: Connection, cache: Cache
) -> None:
    cache.collection("c", "C")
    cache.run("create table telepathy (thought text)")
    cache.run("insert into telepathy values ('hm')")
    cache.run("alter table collections add column mood text")
    cache.run("update collections set mood = 'fine'")
    cache.run("drop table project_templates")
    cache.run("alter table groups drop column description")

    report = import_path(conn, cache.path)

    notes = sorted(note.what for note in report.not_imported)
    assert (notes, report.tables.collections.added) == (
        ["column collections.mood", "table telepathy"],
        1,
    )


@pytest.mark.parametrize(
    "content", [b"", b"no database at all", b"SQLite format 3\x00" + b"\xff" * 4096]
)
def test_a_file_that_is_not_a_database_is_refused_and_nothing_is_written(
    conn: Connection, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "cache.db"
    path.write_bytes(content)

    with pytest.raises(SourceError, match=r"cache\.db"):
        import_path(conn, path)


def test_a_database_of_another_program_is_refused(conn: Connection, tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("create table recipes (id integer)")

    with pytest.raises(SourceError, match=r"cache\.db"):
        import_path(conn, path)


def test_a_partly_corrupt_database_is_refused_whole(conn: Connection, full: Cache) -> None:
    for number in range(400):
        full.artifact(f"skill:{number:04}", description="x" * 300)
    content = bytearray(full.path.read_bytes())
    content[len(content) // 2 :] = b"\xa5" * (len(content) - len(content) // 2)
    full.path.write_bytes(content)

    with pytest.raises(SourceError):
        import_path(conn, full.path)

    assert conn.execute("select count(*) from collections").fetchone() == (0,)


def test_a_locked_file_is_an_error(
    conn: Connection, full: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("skillmeat.importer.readers.skillmeat.sqlite._SECONDS_TO_WAIT", 0)
    with closing(sqlite3.connect(full.path, isolation_level=None)) as other:
        other.execute("begin exclusive")
        with pytest.raises(SourceError, match="locked"):
            import_path(conn, full.path)


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_nothing_is_written_beside_the_file(conn: Connection, full: Cache, mode: str) -> None:
    full.run(f"pragma journal_mode = {mode}")
    before = {each.name: each.read_bytes() for each in full.path.parent.iterdir()}

    import_path(conn, full.path)

    assert {each.name: each.read_bytes() for each in full.path.parent.iterdir()} == before


def test_rows_that_another_process_has_just_committed_are_read(
    conn: Connection, full: Cache
) -> None:
    full.run("pragma journal_mode = wal")
    with closing(sqlite3.connect(full.path)) as other:
        other.execute(
            "insert into collections (id, name, created_at, updated_at) values ('n', 'New', ?, ?)",
            [MOMENT, MOMENT],
        )
        other.commit()
        import_path(conn, full.path)

    assert conn.execute("select name from collections where id = 'n'").fetchone() == ("New",)


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="needs ../shared/data/skillmeat beside it")
@pytest.mark.parametrize("sample", ["seed", "head", "seed/cache.db"])
def test_the_counts_of_real_databases_are_imported_exactly(conn: Connection, sample: str) -> None:
    path = SAMPLES / sample
    database = path if path.is_file() else path / "cache.db"
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro&immutable=1", uri=True)) as theirs:
        said = dict(
            theirs.execute(
                "select c.id, count(m.collection_id) from collections as c"
                " left join collection_artifacts as m on m.collection_id = c.id group by c.id"
            ).fetchall()
        )

    report = import_path(conn, path)

    ours: dict[str, int] = dict(
        conn.execute("select id, artifact_count from collection_summaries").fetchall()
    )
    assert (ours, report.differences, differences(conn)) == (said, (), [])


def _reference(cache: Cache) -> str:
    return "artifact_uuid" if cache.is_later else "artifact_id"
