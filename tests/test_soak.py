"""A soak of some seconds: it reports its figures, and finds no error."""

import io

import pytest
from rich.console import Console

from benchmarks.soak.intervals import LOGS, SNAPSHOT
from benchmarks.soak.options import Options, parse_options
from benchmarks.soak.report import SoakResult, render_report
from benchmarks.soak.run import run_soak

pytestmark = pytest.mark.exhaustive

SECONDS = 6.0
# Small and slow: the test checks the soak, not the database.
BRIEF = Options(
    minutes=SECONDS / 60,
    artifacts=400,
    collections=20,
    writers=2,
    rate=20,
    readers=1,
    pages=5,
    interval=1.0,
    fsync=False,
)


@pytest.fixture(scope="module")
def soaked() -> SoakResult:
    return run_soak(BRIEF, Console(file=io.StringIO()))


def test_a_soak_finds_no_drift_and_no_unexpected_error(soaked: SoakResult) -> None:
    assert (soaked.is_healthy, soaked.stats.drift, soaked.stats.unexpected) == (True, [], [])


def test_a_soak_writes_and_reads_and_compares(soaked: SoakResult) -> None:
    counts = soaked.stats.counts
    assert all(counts[each] > 0 for each in ("commits", "pages", "checks", "full checks")), counts


def test_a_soak_causes_every_fault(soaked: SoakResult) -> None:
    met = set(soaked.stats.faults)
    assert len(met) == 9, met


def test_a_soak_measures_pages_in_blocks_and_the_sizes_of_logs_and_snapshot(
    soaked: SoakResult,
) -> None:
    blocks = min(of_artifacts for of_artifacts, _ in soaked.stats.page_costs)
    sizes = [soaked.intervals[-1].tables[name].total for name in (*LOGS, SNAPSHOT)]
    assert min(blocks, *sizes) > 0


def test_drift_is_reported_and_makes_a_soak_unhealthy(soaked: SoakResult) -> None:
    soaked.stats.drift.append("shown: something else")
    told = render_report(soaked)
    soaked.stats.drift.clear()
    assert told.endswith("Not healthy:\n- shown: something else")


def test_invalid_minutes_are_refused_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse_options(["0"])
    assert capsys.readouterr().err.endswith("error: minutes must be above 0\n")
