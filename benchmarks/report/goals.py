"""The goals: a bound for each ratio, and the value that a run measured."""

from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.http.measure import CROWD as HTTP_CROWD
from benchmarks.http.servers import BARE_ENDPOINT, OUR_SERVER
from benchmarks.reads.contenders import BARE_PAGE, COUNT_EACH, EXACT, LIVE_JOINS
from benchmarks.reads.reader import Request
from benchmarks.rounds import Ratio
from benchmarks.suite import Results
from benchmarks.writes.instructions import LONE
from benchmarks.writes.variants import OURS, ROW, UNCOUNTED, UNLOGGED
from benchmarks.writes.workloads import SINGLE, one_hot_collection

CROWD = 16
FROM = 10_000
HUNDRED = 100
NOT_MEASURED = "not measured"


@dataclass(frozen=True, slots=True)
class Goal:
    """A bound and the measured value."""

    what: str
    bound: str
    measured: str
    is_met: bool


def list_goals(results: Results) -> Iterator[Goal]:
    """Yield every goal; each is a ratio within this run."""
    page = results.reads.times[Request.PAGE]
    tenth = results.scaling.changes[f"{results.shape.artifacts // 10:,}"]
    yield at_most(2.2, "exact page of 50 against the bare rows", page.ratio(EXACT, BARE_PAGE))
    yield at_most(5, "the same with 10 % of the artifacts changed", tenth.ratio(EXACT, BARE_PAGE))
    yield _at_least(300, f"times faster than {COUNT_EACH}", page.ratio(COUNT_EACH, EXACT))
    yield _one_statement(results)
    yield _at_least(2, f"times faster than {LIVE_JOINS}", page.ratio(LIVE_JOINS, EXACT))
    yield at_most(1.3, *flat(results))
    yield from _http(results)
    crowd = results.writes.throughput(one_hot_collection(CROWD))
    yield _at_least(
        4, f"one hot collection, {CROWD} clients, against the {ROW}", crowd.ratio(OURS, ROW)
    )
    yield _at_least(0.55, "the same against no trigger", crowd.ratio(OURS, UNCOUNTED))
    single = results.writes.throughput(SINGLE)
    yield at_most(1.6, f"{SINGLE.name}, durable, against no trigger", single.ratio(UNCOUNTED, OURS))
    bulk = results.writes.bulk_seconds()
    yield at_most(
        1.1,
        f"{results.scale.bulk:,} memberships at once, against no trigger",
        bulk.ratio(OURS, UNCOUNTED),
    )
    yield _undisturbed(results)
    yield from _instructions(results)


def _http(results: Results) -> Iterator[Goal]:
    rates, cpu = results.http.rates(1), results.http.cpu(1)
    page = f"page of 50 over HTTP, against {BARE_ENDPOINT}"
    yield at_most(4, page, rates.ratio(BARE_ENDPOINT, OUR_SERVER))
    yield at_most(2, "the same, CPU time of the server", cpu.ratio(OUR_SERVER, BARE_ENDPOINT))
    crowd = results.http.cpu(HTTP_CROWD).ratio(OUR_SERVER, BARE_ENDPOINT)
    yield at_most(2.5, f"the same with {HTTP_CROWD} clients", crowd)


def _instructions(results: Results) -> Iterator[Goal]:
    """Yield no goal if the run did not count instructions."""
    if works := results.instructions.get(LONE):
        times = works[OURS].instructions / works[UNCOUNTED].instructions
        what = f"instructions, {LONE}, against no trigger"
        yield at_most(2.5, what, Ratio(times, times, times))


def _one_statement(results: Results) -> Goal:
    works = results.reads.works
    what = f"statements of an exact page, of {COUNT_EACH}"
    if EXACT not in works:
        return Goal(what, "1, 100 or more", NOT_MEASURED, is_met=False)
    ours, theirs = (works[contender][Request.PAGE].statements for contender in (EXACT, COUNT_EACH))
    return Goal(
        what, "1, 100 or more", f"{ours:g}, {theirs:g}", is_met=ours == 1 and theirs >= HUNDRED
    )


def flat(results: Results) -> tuple[str, Ratio | None]:
    """Return how a page's time grew with the catalogue; None if no larger one was measured."""
    sizes = results.scaling.sizes
    largest = max(sizes)
    if largest <= FROM:
        return f"exact page, more than {FROM:,} artifacts against {FROM:,}", None
    pairs = zip(sizes[largest].values[EXACT], sizes[FROM].values[EXACT], strict=True)
    return f"exact page, {largest:,} artifacts against {FROM:,}", Ratio.of(a / b for a, b in pairs)


def _undisturbed(results: Results) -> Goal:
    runs = [
        run
        for by_variant in results.writes.runs.values()
        for name in (OURS, UNLOGGED)
        for run in by_variant[name]
    ]
    deadlocks = sum(run.deadlocks for run in runs)
    failures = sum(run.serialization_failures for run in runs)
    aborted = sum(run.aborted for run in runs)
    waiting = max(run.waiting for run in runs)
    drift = sum(run.drift for run in runs)
    return Goal(
        "deadlocks, serialization failures, clients aborted, sessions waiting for a row,"
        " counts that drift",
        "0",
        f"{deadlocks}, {failures}, {aborted}, {waiting:.2g}, {drift}",
        deadlocks == failures == aborted == drift == waiting == 0,
    )


def at_most(bound: float, what: str, found: Ratio | None) -> Goal:
    """Return a goal with an upper bound; it is not met if it was not measured."""
    is_met = found is not None and found.median <= bound
    return Goal(what, f"at most {bound:g}", str(found or NOT_MEASURED), is_met)


def _at_least(bound: float, what: str, found: Ratio | None) -> Goal:
    is_met = found is not None and found.median >= bound
    return Goal(what, f"at least {bound:g}", str(found or NOT_MEASURED), is_met)
