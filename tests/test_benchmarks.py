"""The benchmarks, on a few hundred artifacts: they compare answers before they measure."""

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import psycopg
import pytest
from psycopg import Connection
from sqlalchemy import Engine, event

import skillmeat
from benchmarks import callgrind, report, server
from benchmarks.dataset import Shape, load
from benchmarks.http.measure import CLIENTS, measure_http
from benchmarks.http.servers import BARE_ENDPOINT, OUR_SERVER
from benchmarks.reads import measure
from benchmarks.reads.cold import count_cold_blocks
from benchmarks.reads.contenders import (
    BARE_PAGE,
    CONTENDERS,
    EXACT,
    LIVE_JOINS,
    SQL_COUNT_EACH,
    THIN,
    TTL_CACHE,
    Database,
)
from benchmarks.reads.live_joins import COUNTERS
from benchmarks.reads.measure import WrongAnswer, measure_reads
from benchmarks.reads.reader import Request
from benchmarks.reads.server_work import read_plan
from benchmarks.reads.staleness import measure_staleness
from benchmarks.report import document, goals, losses, plots
from benchmarks.report.document import PLOTS
from benchmarks.report.goals import Goal
from benchmarks.rounds import QUICK, Ratio, Rounds, measure_in_turn
from benchmarks.suite import Results, run_suite
from benchmarks.writes import profile
from benchmarks.writes.measure import BulkResult, WriteResults, insert_in_bulk
from benchmarks.writes.pgbench import run_pgbench
from benchmarks.writes.profile import Profile
from benchmarks.writes.variants import VARIANTS, WITH_IVM, Variant, VariantDatabase, fill
from benchmarks.writes.workloads import (
    DELETES,
    MOVES,
    SEVERAL_AT_ONCE,
    Workload,
    one_hot_collection,
)
from skillmeat.errors import SkillMeatError
from tests.conftest import database, database_name

SHAPE = Shape(artifacts=300, collections=20)
BRIEF = replace(QUICK, compared=3, read_rounds=1, read_seconds=0, http_rounds=1, http_seconds=0)
# More than the clients of a workload write in its second.
MANY = 40_000


@pytest.fixture(scope="module")
def urls(server_url: str, template: str) -> Iterator[dict[Database, str]]:
    with database(server_url, template=template) as ours:
        with skillmeat.connect(ours, autocommit=True) as conn:
            load(conn, SHAPE)
        with database(server_url, template=database_name(ours)) as baselines:
            with skillmeat.connect(baselines, autocommit=True) as conn:
                server.install_read_baselines(conn)
            yield {Database.OURS: ours, Database.BASELINES: baselines}


@pytest.fixture(scope="module")
def many(server_url: str, template: str) -> Iterator[str]:
    """Yield the name of a filled database, which is copied for each workload."""
    with database(server_url, template=template) as filled:
        with skillmeat.connect(filled, autocommit=True) as conn:
            fill(conn, MANY)
        yield database_name(filled)


@pytest.fixture
def filled_url(server_url: str, many: str) -> Iterator[str]:
    """Yield the URL of a copy of the filled database."""
    with database(server_url, template=many) as url:
        yield url


def test_every_contender_gives_the_same_answer_and_is_timed(urls: dict[Database, str]) -> None:
    reads = measure_reads(urls, SHAPE, BRIEF)

    every = {contender.name for contender in reads.contenders}
    assert [set(reads.times[request].values) for request in Request] == [every] * len(Request)


def test_a_contender_with_another_answer_is_refused(
    urls: dict[Database, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def list_two_contenders(_: Connection) -> Iterator[Any]:
        yield next(each for each in CONTENDERS if each.name == SQL_COUNT_EACH)
        yield replace(CONTENDERS[-2], name="a wrong contender", database=Database.OURS)

    monkeypatch.setattr(measure, "list_contenders", list_two_contenders)
    with skillmeat.connect(urls[Database.OURS], autocommit=True) as conn:
        conn.execute("set session_replication_role = replica")
        conn.execute("update collections set artifact_count = artifact_count + 1")
        try:
            with pytest.raises(
                WrongAnswer, match="a wrong contender answers a page of 50 artifacts with"
            ):
                measure_reads(urls, SHAPE, BRIEF)
        finally:
            conn.execute("update collections set artifact_count = artifact_count - 1")


def test_a_page_from_a_cold_cache_reads_fewer_blocks_than_the_joins(
    server_url: str, urls: dict[Database, str]
) -> None:
    found = count_cold_blocks(urls, SHAPE)

    with psycopg.connect(server_url) as conn:
        assert bool(found) == (conn.info.server_version >= 180000)
    assert not found or 0 < found[EXACT] < found[LIVE_JOINS]


def test_hand_written_joins_probe_by_key_and_never_scan_all_tags_for_an_artifact(
    urls: dict[Database, str],
) -> None:
    shown = read_plan(urls[Database.BASELINES], COUNTERS.page, SHAPE)

    assert not [line for line in shown.splitlines() if "Hash Cond" in line and "tag_id" in line]


def test_our_answers_are_never_stale_while_a_timer_is(urls: dict[Database, str]) -> None:
    cached, refreshed, _, ours = measure_staleness(urls, SHAPE, 0.2)

    assert (ours.worst, cached.worst > 0, refreshed.worst > 0) == (0, True, True)
    with skillmeat.connect(urls[Database.OURS]) as conn:
        assert conn.execute("select from artifact_changes").rowcount == 0


def test_every_server_sends_pages_to_one_client_and_to_several(urls: dict[Database, str]) -> None:
    found = measure_http(urls[Database.OURS], SHAPE, BRIEF)

    for clients in CLIENTS:
        rates = found.rates(clients).values
        assert {OUR_SERVER, BARE_ENDPOINT} <= set(rates)
        assert all(rate > 0 for each in rates.values() for rate in each)


def test_a_warm_cache_of_counts_runs_no_count(urls: dict[Database, str]) -> None:
    statements: list[str] = []
    event.listen(Engine, "before_cursor_execute", lambda *seen: statements.append(seen[2]))
    contender = next(each for each in CONTENDERS if each.name == TTL_CACHE)

    with contender.open_reader(urls[contender.database]) as reader:
        statements.clear()
        reader.page("")

    assert [statement for statement in statements if "count(" in statement] == []


@pytest.mark.parametrize(
    "workload",
    [
        one_hot_collection(4),
        SEVERAL_AT_ONCE,
        pytest.param(DELETES, marks=pytest.mark.exhaustive),
        pytest.param(MOVES, marks=pytest.mark.exhaustive),
    ],
    ids=lambda workload: workload.name,
)
def test_our_counts_are_exact_after_a_workload_without_waiting(
    filled_url: str, workload: Workload
) -> None:
    with skillmeat.connect(filled_url, autocommit=True) as conn:
        ours = VariantDatabase(filled_url, VARIANTS[-1], MANY, conn)
        found = run_pgbench(ours, workload, seconds=1)

    assert found.throughput > 0
    assert (found.drift, found.deadlocks, found.serialization_failures) == (0, 0, 0)
    assert (found.aborted, found.waiting) == (0, 0)


def test_a_deadlock_counts_even_if_it_is_resolved_after_the_run(
    filled_url: str,
) -> None:
    row_trigger = VARIANTS[1]
    with skillmeat.connect(filled_url, autocommit=True) as conn:
        server.install_baselines(conn, *row_trigger.installs)

        found = run_pgbench(
            VariantDatabase(filled_url, row_trigger, MANY, conn), SEVERAL_AT_ONCE, seconds=1
        )

    assert found.deadlocks > 0


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.database)
def test_every_variant_takes_a_bulk_insert(url: str, variant: Variant) -> None:
    with skillmeat.connect(url, autocommit=True) as conn:
        fill(conn, 500)
        server.install_baselines(conn, *variant.installs)

        found = insert_in_bulk(VariantDatabase(url, variant, 500, conn), patience=60)

    assert (found.seconds is not None, found.drift) == (True, 0)


def test_a_bulk_insert_that_takes_too_long_is_cancelled(url: str) -> None:
    with skillmeat.connect(url, autocommit=True) as conn:
        fill(conn, 5_000)

        found = insert_in_bulk(VariantDatabase(url, VARIANTS[-1], 5_000, conn), patience=0.001)

    assert found.seconds is None


def test_a_profile_enables_one_trigger_after_another_and_all_at_the_end(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(profile, "WRITES", 10)
    monkeypatch.setattr(profile, "ROUNDS", 1)
    with skillmeat.connect(url, autocommit=True) as conn:
        fill(conn, 500)

        found = profile.measure_profile(VariantDatabase(url, VARIANTS[-1], 500, conn))

        disabled = conn.execute("select tgname from pg_trigger where tgenabled = 'D'").fetchall()
    assert list(found.parts.values) == [profile.BARE, *profile.PARTS]
    assert disabled == []


@pytest.mark.exhaustive
def test_a_whole_run_writes_its_report(
    server_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SKILLMEAT_BENCH_DATABASE_URL", server_url)
    brief = replace(BRIEF, compared=8, stale_seconds=0.2, write_rounds=1, bulk=50_000)

    results = run_suite(
        Shape(artifacts=1_000), brief, with_instructions=callgrind.VALGRIND is not None
    )
    page = report.write(results, tmp_path, command="a test")

    if callgrind.VALGRIND is not None:
        bare, thin, joins = (
            results.page_instructions[each] for each in (BARE_PAGE, THIN, LIVE_JOINS)
        )
        assert 0 < bare < thin < joins
    text = page.read_text()
    again = report.write(
        report.read(tmp_path / "benchmarks" / "results.json"), tmp_path / "again", command="a test"
    )
    assert "`a test` wrote this page" in text
    assert again.read_text() == text
    assert {each.stem for each in (tmp_path / "benchmarks").glob("*.svg")} == set(PLOTS)
    assert all(f"benchmarks/{name}.svg" in text for name in PLOTS)


def test_a_shape_gives_the_same_rows_every_time() -> None:
    assert list(Shape(50).membership_rows()) == list(Shape(50).membership_rows())


def test_a_ratio_is_taken_within_a_round() -> None:
    rounds = Rounds("ms", {"fast": [1.0, 2.0, 3.0], "slow": [2.0, 8.0, 9.0]})

    assert rounds.ratio("slow", "fast") == Ratio(3.0, 2.0, 4.0)
    assert rounds.ratio("slow", "absent") is None


def test_a_round_without_any_transaction_counts_as_infinitely_slow() -> None:
    rounds = Rounds("/s", {"ours": [0.0, 0.0, 5.0], "theirs": [5.0, 5.0, 5.0]})

    assert rounds.ratio("theirs", "ours") == Ratio(math.inf, 1.0, math.inf)


def test_growth_is_not_measured_without_a_larger_catalogue() -> None:
    scaling = SimpleNamespace(sizes={1_000: Rounds("ms"), 10_000: Rounds("ms", {EXACT: [1.0]})})

    what, found = goals.flat(cast("Results", SimpleNamespace(scaling=scaling)))

    assert goals.at_most(1.3, what, found) == Goal(
        "exact page, more than 10,000 artifacts against 10,000",
        "at most 1.3",
        "not measured",
        is_met=False,
    )


def test_a_bulk_insert_that_was_cancelled_once_has_no_time() -> None:
    bulk = {
        "slow": [BulkResult(9.9, 1, 0), BulkResult(None, 1, 0)],
        "quick": [BulkResult(1.0, 1, 0)] * 2,
    }

    seconds = WriteResults((), (), {}, {}, bulk, Profile(Rounds("µs"), None)).bulk_seconds()

    assert seconds.values == {"slow": [], "quick": [1.0, 1.0]}


def test_the_report_lists_when_hand_written_joins_are_faster() -> None:
    scaling = SimpleNamespace(
        sizes={10_000: Rounds("ms", {EXACT: [1.0], LIVE_JOINS: [2.0]})},
        changes={"everything": Rounds("ms", {EXACT: [3.0], LIVE_JOINS: [2.0]})},
        memberships={},
    )

    text = losses.render_faster_joins(cast("Results", SimpleNamespace(scaling=scaling)))

    assert text == "- changed: everything: 1.5 times as fast.\n"


def test_a_variant_has_one_colour_in_every_plot() -> None:
    every = [each.name for each in (*VARIANTS, WITH_IVM)]

    assert len(set(plots._colours(every))) == len(every)


def test_a_report_counts_the_missed_goals(monkeypatch: pytest.MonkeyPatch) -> None:
    missed = Goal("a page", "at most 4", "5.00", is_met=False)
    monkeypatch.setattr(goals, "list_goals", lambda _: [missed, replace(missed, is_met=True)])

    text = document.render_goals(cast("Results", SimpleNamespace()))

    assert "1 of 2 goals are missed" in text


def test_a_run_without_a_commit_has_no_throughput_and_counts_the_clients_that_failed(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with skillmeat.connect(url, autocommit=True) as conn:
        fill(conn, 10)

        found = run_pgbench(
            VariantDatabase(url, VARIANTS[-1], 10, conn),
            Workload("failing", "select 1 / 0;", clients=2),
            seconds=1,
        )

    assert (found.throughput, found.p50, found.p99) == (0, math.inf, math.inf)
    assert found.aborted == 2
    assert "division by zero" in capsys.readouterr().err


def test_a_script_that_pgbench_refuses_is_an_error(url: str) -> None:
    with skillmeat.connect(url, autocommit=True) as conn:
        fill(conn, 10)
        database = VariantDatabase(url, VARIANTS[-1], 10, conn)

        with pytest.raises(SkillMeatError, match=r'ours: .*invalid command in command "wait"'):
            run_pgbench(database, Workload("refused", "\\wait", clients=1), seconds=1)


def test_each_subject_begins_a_round_in_turn() -> None:
    order: list[str] = []

    measure_in_turn("order", 3, {"a": "a", "b": "b", "c": "c"}, order.append)

    assert order == [*"abc", *"bca", *"cab"]
