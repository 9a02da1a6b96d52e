"""The ladder, on a catalogue of a few hundred: it compares before it measures, and says what is."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection

import skillmeat
from benchmarks import report, rivals
from benchmarks.catalogue import Shape, load
from benchmarks.ladder import climb
from benchmarks.measuring import Ratio, Rounds, in_turn
from benchmarks.reading import measure
from benchmarks.reading.ladder import RUNGS
from benchmarks.reading.live_joins import COUNTERS
from benchmarks.reading.measure import WrongAnswer, measure_reading
from benchmarks.reading.plan import plan
from benchmarks.reading.rung import Database, Request
from benchmarks.reading.staleness import measure_staleness
from benchmarks.report.document import PLOTS
from benchmarks.scale import QUICK
from benchmarks.writing import profile
from benchmarks.writing.bulk import insert
from benchmarks.writing.clients import run
from benchmarks.writing.stage import Stage, fill
from benchmarks.writing.variant import VARIANTS, Variant
from benchmarks.writing.workload import DELETES, MOVES, SEVERAL_AT_ONCE, Workload, hot
from tests.conftest import database, database_name

SHAPE = Shape(artifacts=300, collections=20)
BRIEF = replace(QUICK, read_rounds=1, read_seconds=0)


@pytest.fixture(scope="module")
def urls(server_url: str, template: str) -> Iterator[dict[Database, str]]:
    with database(server_url, template=template) as ours:
        with skillmeat.connect(ours, autocommit=True) as conn:
            load(conn, SHAPE)
        with database(server_url, template=database_name(ours)) as rival:
            with skillmeat.connect(rival, autocommit=True) as conn:
                rivals.install_readable(conn)
            yield {Database.OURS: ours, Database.RIVALS: rival}


def test_every_rung_answers_alike_and_is_timed(urls: dict[Database, str]) -> None:
    read = measure_reading(urls, SHAPE, BRIEF)

    every = {rung.name for rung in read.rungs}
    assert [set(read.times[request].values) for request in Request] == [every] * len(Request)


def test_a_rung_that_answers_something_else_is_refused(
    urls: dict[Database, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def liars(_: Connection) -> Iterator[Any]:
        yield RUNGS[0]
        yield replace(RUNGS[-2], name="a liar", database=Database.OURS)

    monkeypatch.setattr(measure, "rungs", liars)
    with skillmeat.connect(urls[Database.OURS], autocommit=True) as conn:
        conn.execute("set session_replication_role = replica")
        conn.execute("update collections set artifact_count = artifact_count + 1")
        try:
            with pytest.raises(WrongAnswer, match="a liar answers a page of 50 artifacts with"):
                measure_reading(urls, SHAPE, BRIEF)
        finally:
            conn.execute("update collections set artifact_count = artifact_count - 1")


def test_joins_by_hand_probe_by_key_and_never_scan_all_tags_for_an_artifact(
    urls: dict[Database, str],
) -> None:
    shown = plan(urls[Database.RIVALS], COUNTERS.page, SHAPE)

    assert not [line for line in shown.splitlines() if "Hash Cond" in line and "tag_id" in line]


def test_ours_is_never_stale_and_a_timer_is(urls: dict[Database, str]) -> None:
    cached, refreshed, _, ours = measure_staleness(urls, SHAPE, 0.4)

    assert (ours.worst, cached.worst > 0, refreshed.worst > 0) == (0, True, True)


@pytest.mark.parametrize("workload", [hot(4), SEVERAL_AT_ONCE, DELETES, MOVES], ids=str)
def test_our_counts_are_exact_after_a_workload_and_nobody_waited(
    url: str, workload: Workload
) -> None:
    with skillmeat.connect(url, autocommit=True) as conn:
        fill(conn, 20_000)
        found = run(Stage(url, VARIANTS[-1], 20_000, conn), workload, seconds=1)

    assert found.throughput > 0
    assert (found.drift, found.deadlocks, found.serialization_failures) == (0, 0, 0)
    assert found.waiting == 0


def test_a_deadlock_is_counted_though_the_run_is_over_when_it_is_ended(url: str) -> None:
    row_trigger = VARIANTS[1]
    with skillmeat.connect(url, autocommit=True) as conn:
        fill(conn, 20_000)
        rivals.install(conn, *row_trigger.installs)

        found = run(Stage(url, row_trigger, 20_000, conn), SEVERAL_AT_ONCE, seconds=1)

    assert found.deadlocks > 0


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.database)
def test_every_variant_takes_a_bulk_insert(url: str, variant: Variant) -> None:
    with skillmeat.connect(url, autocommit=True) as conn:
        fill(conn, 500)
        rivals.install(conn, *variant.installs)

        found = insert(Stage(url, variant, 500, conn), patience=60)

    assert (found.seconds is not None, found.drift) == (True, 0)


def test_a_bulk_insert_that_takes_too_long_is_given_up(url: str) -> None:
    with skillmeat.connect(url, autocommit=True) as conn:
        fill(conn, 5_000)

        found = insert(Stage(url, VARIANTS[-1], 5_000, conn), patience=0.001)

    assert found.seconds is None


def test_a_profile_adds_one_part_after_the_other_and_leaves_all_of_them(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(profile, "WRITES", 10)
    monkeypatch.setattr(profile, "ROUNDS", 1)
    with skillmeat.connect(url, autocommit=True) as conn:
        fill(conn, 500)

        found = profile.profile(Stage(url, VARIANTS[-1], 500, conn))

        left_off = conn.execute("select tgname from pg_trigger where tgenabled = 'D'").fetchall()
    assert list(found.parts.values) == [profile.BARE, *profile.PARTS]
    assert left_off == []


@pytest.mark.exhaustive
def test_a_whole_run_writes_its_report(
    server_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SKILLMEAT_BENCH_DATABASE_URL", server_url)
    brief = replace(BRIEF, stale_seconds=0.2, write_rounds=1, bulk=50_000)

    page = report.write(climb(Shape(artifacts=1_000), brief), tmp_path, command="a test")

    said = page.read_text()
    assert "Written by `a test`" in said
    assert {each.stem for each in (tmp_path / "benchmarks").iterdir()} == set(PLOTS)
    assert all(f"benchmarks/{name}.svg" in said for name in PLOTS)


def test_a_shape_gives_the_same_rows_every_time() -> None:
    assert list(Shape(50).membership_rows()) == list(Shape(50).membership_rows())


def test_a_ratio_is_taken_within_a_round() -> None:
    rounds = Rounds("ms", {"fast": [1.0, 2.0, 3.0], "slow": [2.0, 8.0, 9.0]})

    assert rounds.ratio("slow", "fast") == Ratio(3.0, 2.0, 4.0)
    assert rounds.ratio("slow", "absent") is None


def test_each_takes_its_turn_first() -> None:
    order: list[str] = []

    in_turn("order", 3, {"a": "a", "b": "b", "c": "c"}, order.append)

    assert order == [*"abc", *"bca", *"cab"]
