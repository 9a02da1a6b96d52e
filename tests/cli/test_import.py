"""The report of `skillmeat import` on SkillMeat's own data."""

from pathlib import Path

import pytest
from psycopg import Connection

import skillmeat
from tests.cli.commands import run
from tests.importer.caches import Cache


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    """Make a database in which a group has an artifact that its collection lacks."""
    cache = Cache(tmp_path / "cache.db")
    cache.collection("default", "Default Collection")
    cache.collection("c" * 32, "Work")
    cache.member("default", "skill:pdf")
    cache.group("g", "default", "First")
    cache.place("g", "skill:docx", 0)
    return cache


def test_an_import_prints_what_it_compared(cache: Cache) -> None:
    ran = run("import", str(cache.path))

    assert (ran.code, ran.out.splitlines()[-1]) == (
        0,
        "1 of 2 collections and 1 of 1 group agree with the source",
    )


def test_an_import_as_json_has_what_it_compared(cache: Cache) -> None:
    found = run("import", str(cache.path), "--json").json["skillmeat"]

    assert (found["compared"], found["changed"], found["kinds"]["memberships"]["added"]) == (
        {"collection": 2, "group": 1},
        True,
        2,
    )
    assert [(each["id"], each["source"], each["here"]) for each in found["differing"]] == [
        ("default", 1, 2)
    ]
    assert {"not_imported", "adjusted"} <= found.keys()


@pytest.mark.parametrize("name", ["cache.db", "elsewhere"])
def test_a_source_that_cannot_be_read_leaves_no_schema_behind(
    empty_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("SKILLMEAT_DATABASE_URL", empty_url)
    (tmp_path / "cache.db").write_bytes(b"SQLite format 3\0" + bytes(4000))

    ran = run("import", str(tmp_path / name))

    with skillmeat.connect(empty_url, schema="public") as conn:
        found = conn.execute("select from pg_namespace where nspname = 'skillmeat'").fetchone()
    assert (ran.code, len(ran.err.splitlines()), found) == (1, 1, None)


def test_a_missing_collection_is_reported_even_if_it_is_empty(
    cache: Cache, conn: Connection
) -> None:
    conn.execute(
        """
        create function lose() returns trigger language plpgsql as 'begin return null; end';
        create trigger lose before insert on collections
            for each row when (new.name = 'Work') execute function lose();
        """
    )

    found = run("import", str(cache.path), "--json").json["skillmeat"]["differing"]

    assert [(each["name"], each["why"]) for each in found if each["source"] == 0] == [
        ("c" * 32, "it is not in the catalogue")
    ]


def test_sixty_names_that_change_are_twenty_rows_without_verbose(cache: Cache) -> None:
    for number in range(60):
        cache.group(f"g{number}", "default", f" group {number} ")

    short = run("import", "--dry-run", str(cache.path)).out
    whole = run("import", "--dry-run", "--verbose", str(cache.path)).out

    assert (short.count("becomes group"), whole.count("becomes group")) == (20, 60)
    assert "more; --verbose lists all\n" in short
    assert "--verbose" not in whole
