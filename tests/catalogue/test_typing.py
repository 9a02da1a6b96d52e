"""A user's program is checked by mypy --strict."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

PROGRAM = """
from typing import assert_type

import skillmeat
from datetime import timedelta

from skillmeat.catalogue import (
    AddResult,
    Artifact,
    Collection,
    Group,
    NewArtifact,
    Page,
    PutResult,
    SnapshotArtifact,
    StalePage,
    Tag,
    add_artifacts,
    create_collection,
    create_group,
    edit_group,
    find_collection,
    get_artifact,
    list_artifacts,
    list_artifacts_stale,
    list_collections,
    list_groups,
    list_tags,
    put_artifacts,
)
from skillmeat.errors import Duplicate, SkillMeatError, TooStale
from skillmeat.maintenance import CountDrift, get_totals, list_count_drift
from skillmeat.importer import ImportReport, import_paths


def main(url: str | None = None) -> int:
    with skillmeat.connect(url, schema="mine", autocommit=True) as conn:
        assert_type(put_artifacts(conn, [NewArtifact("skill", "x", metadata={"a": 1})]), PutResult)
        try:
            mine = create_collection(conn, name="Mine", description=None)
        except Duplicate as error:
            print(error.sqlstate, error.constraint)
            mine = find_collection(conn, "Mine")
        assert_type(mine, Collection)
        assert_type(add_artifacts(conn, mine.id, ["skill:x"]), AddResult)
        assert_type(list_collections(conn, limit=2), Page[Collection])
        assert_type(list_artifacts(conn, tag="t", collection=mine.id), Page[Artifact])
        assert_type(list_artifacts(conn, before="skill:x", search="pdf").total, int | None)
        assert_type(get_artifact(conn, "skill:x"), Artifact | None)
        try:
            old = list_artifacts_stale(conn, max_age=timedelta(seconds=1))
        except TooStale as error:
            assert_type(error.age, timedelta)
        else:
            assert_type(old, StalePage)
            assert_type(old.items, tuple[SnapshotArtifact, ...])
        group = create_group(conn, mine.id, name="G")
        assert_type(edit_group(conn, group.id, description=None, position=1), Group)
        assert_type(list_groups(conn, mine.id), tuple[Group, ...])
        assert_type(list_tags(conn).items, tuple[Tag, ...])
        assert_type(list_count_drift(conn), tuple[CountDrift, ...])
        assert_type(get_totals(conn).artifacts, int)
        assert_type(import_paths(conn, ["."], dry_run=True), ImportReport)
    with skillmeat.create_pool(min_size=1) as pool, pool.connection() as conn:
        for each in list_artifacts(conn).items:
            print(each.id, each.tags, [one.artifact_count for one in each.collections])
    return 0


def careful() -> None:
    try:
        main()
    except SkillMeatError as error:
        print(error)
"""
MISTAKES = """
import skillmeat
from skillmeat.catalogue.collections import create_collection, edit_collection

with skillmeat.connect() as conn:
    create_collection(conn, "positional")
    create_collection(conn, name=None)
    edit_collection(conn, "x", nmae="y")
"""


def test_a_program_is_checked_strictly_and_its_mistakes_are_found(tmp_path: Path) -> None:
    right, wrong = tmp_path / "right.py", tmp_path / "wrong.py"
    right.write_text(PROGRAM)
    wrong.write_text(MISTAKES)
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(ROOT / ".mypy_cache")]

    found = subprocess.run(
        [*command, "--config-file", os.devnull, right.name, wrong.name],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.splitlines()

    wrong_lines = [line for line in found if line.startswith("wrong.py:") and "error:" in line]
    assert (len(wrong_lines), found[-1]) == (
        3,
        "Found 3 errors in 1 file (checked 2 source files)",
    )
