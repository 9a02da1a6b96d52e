"""What `skillmeat import` says of SkillMeat's own data."""

from pathlib import Path

import pytest

from tests.cli.commands import run
from tests.importing.caches import Cache


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    """A database with a collection of one member, and a group of it with another artifact."""
    cache = Cache(tmp_path / "cache.db")
    cache.collection("default", "Default Collection")
    cache.collection("c" * 32, "Work")
    cache.member("default", "skill:pdf")
    cache.group("g", "default", "First")
    cache.place("g", "skill:docx", 0)
    return cache


def test_an_import_says_what_it_compared(cache: Cache) -> None:
    ran = run("import", str(cache.path))

    assert (ran.code, ran.out.splitlines()[-1]) == (
        0,
        "1 of 2 collections and 1 of 1 groups hold what the source says",
    )


def test_an_import_is_a_document_that_says_the_same(cache: Cache) -> None:
    found = run("import", str(cache.path), "--json").json["skillmeat"]

    assert (found["compared"], found["changed"], found["kinds"]["memberships"]["added"]) == (
        {"collection": 2, "group": 1},
        True,
        2,
    )
    assert [(each["id"], each["source"], each["here"]) for each in found["differing"]] == [
        ("default", 1, 2)
    ]
