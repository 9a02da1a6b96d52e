"""The results as Markdown tables: medians, with the least and the largest in brackets."""

import statistics
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from benchmarks.http.measure import CLIENTS
from benchmarks.http.servers import BARE_ENDPOINT
from benchmarks.reads.contenders import BARE_PAGE, EXACT
from benchmarks.reads.reader import Request
from benchmarks.report.figures import (
    NONE,
    format_duration,
    format_figure,
    format_size,
    format_spread,
)
from benchmarks.report.goals import Goal
from benchmarks.rounds import Rounds
from benchmarks.suite import Results
from benchmarks.writes.pgbench import PgbenchResult
from benchmarks.writes.variants import UNCOUNTED
from benchmarks.writes.workloads import Workload


def render_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Render a table: the first column is text, the others are figures."""
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines) + "\n"


def render_goals(found: Iterable[Goal]) -> str:
    """Render the goals and whether they are met."""
    return render_table(
        ("", "goal", "measured", "met"),
        (
            (each.what, each.bound, each.measured, "yes" if each.is_met else "**no**")
            for each in found
        ),
    )


def render_reads(results: Results, request: Request) -> str:
    """Render each contender's time for one request, and the server's work for it."""
    times = results.reads.times[request]
    return render_table(
        ("", "ms", f"of {EXACT}", "of it in the server", "statements", "rows", "blocks"),
        (
            (
                contender.name,
                format_spread(times, contender.name),
                times.ratio(contender.name, EXACT) or NONE,
                *_work(results, contender.name, request),
            )
            for contender in results.reads.contenders
        ),
    )


def _work(results: Results, contender: str, request: Request) -> Iterator[str]:
    work = results.reads.works.get(contender, {}).get(request)
    if work is None:
        yield from (NONE, NONE, NONE, NONE)
    else:
        yield format_figure(work.milliseconds)
        yield f"{work.statements:,.3g}" if work.statements < 10 else f"{work.statements:,.0f}"  # noqa: PLR2004
        yield f"{work.rows:,.0f}"
        yield f"{work.blocks:,.0f}"


def render_contenders(results: Results) -> str:
    """Render the description of each contender."""
    return "".join(
        f"- **{contender.name}**: {contender.description}.\n"
        for contender in results.reads.contenders
    )


def render_variants(results: Results) -> str:
    """Render the description of each variant."""
    return "".join(f"- **{each.name}**: {each.description}.\n" for each in results.writes.variants)


def render_staleness(results: Results) -> str:
    """Render how old answers were."""
    return render_table(
        ("", "at worst", "on average", "a write took"),
        (
            (each.name, f"{each.worst:.2f} s", f"{each.mean:.2f} s", format_duration(each.write))
            for each in results.staleness
        ),
    )


def render_http(results: Results) -> str:
    """Render the requests a second and the CPU time of each server, for each number of clients."""
    return render_table(
        ("", "clients", "requests a second", "CPU ms a request", f"of {BARE_ENDPOINT}"),
        (
            (
                name,
                clients,
                format_spread(results.http.rates(clients), name),
                format_spread(cpu, name),
                cpu.ratio(name, BARE_ENDPOINT) or NONE,
            )
            for clients in CLIENTS
            for cpu in [results.http.cpu(clients)]
            for name in cpu.values
        ),
    )


def render_scaling(of: str, found: dict[int, Rounds] | dict[str, Rounds]) -> str:
    """Render the time of a page on every line as something grows."""
    lines = list(next(iter(found.values())).values)
    return render_table(
        (of, *(f"{line}, ms" for line in lines)),
        (
            (
                f"{key:,}" if isinstance(key, int) else key,
                *(format_spread(rounds, each) for each in lines),
            )
            for key, rounds in found.items()
        ),
    )


def render_refreshes(results: Results) -> str:
    """Render the cost of refreshes."""
    return render_table(
        ("artifacts", "changed", "time", "WAL", "WAL a change"),
        (
            (
                f"{each.artifacts:,}",
                f"{each.changes:,}",
                format_duration(each.seconds),
                format_size(each.wal),
                format_size(each.wal / each.changes),
            )
            for each in results.scaling.refreshes
        ),
    )


def render_writes(results: Results, workload: Workload) -> str:
    """Render every variant under one workload."""
    runs = results.writes.runs[workload.name]
    rates = results.writes.throughput(workload)
    return render_table(
        (
            "",
            "a second",
            f"of {UNCOUNTED}",
            "p50 ms",
            "p99 ms",
            "waiting",
            "deadlocks",
            "40001",
            "aborted",
            "WAL",
        ),
        (
            (
                each.name,
                f"{rates.median(each.name):,.0f}",
                rates.ratio(each.name, UNCOUNTED) or NONE,
                *_run(runs[each.name]),
            )
            for each in results.writes.variants
        ),
    )


def _run(runs: Sequence[PgbenchResult]) -> Iterator[str]:
    yield f"{statistics.median(run.p50 for run in runs):,.2f}"
    yield f"{statistics.median(run.p99 for run in runs):,.2f}"
    yield f"{statistics.median(run.waiting for run in runs):.1f}"
    yield f"{sum(run.deadlocks for run in runs)}"
    yield f"{sum(run.serialization_failures for run in runs)}"
    yield f"{sum(run.aborted for run in runs)}"
    yield format_size(statistics.median(run.wal for run in runs))


def render_slow_commits(results: Results) -> str:
    """Render each variant's share of the throughput without triggers, at both costs of a commit."""
    workloads = [
        each for each in results.writes.workloads if each.name in results.writes.slow_commits
    ]
    names = list(next(iter(results.writes.slow_commits.values())))
    return render_table(
        ("", *(f"{each.name}{cost}" for each in workloads for cost in ("", ", slow commits"))),
        (
            (
                name,
                *(
                    results.writes.throughput(each, slow_commits=slow).ratio(name, UNCOUNTED)
                    or NONE
                    for each in workloads
                    for slow in (False, True)
                ),
            )
            for name in names
        ),
    )


def render_cold_blocks(results: Results) -> str:
    """Render the distinct blocks of a page by each compared contender."""
    if not (counted := results.reads.cold_blocks):
        return "This run did not count them: that needs PostgreSQL 18 and pg_buffercache.\n"
    return render_table(
        ("a page of 50 artifacts", "blocks", f"of {EXACT}"),
        (
            (name, f"{blocks:g}", f"{blocks / counted[EXACT]:.2f}")
            for name, blocks in counted.items()
        ),
    )


def render_page_instructions(results: Results) -> str:
    """Render the instructions of a page by each compared contender."""
    if not (counted := results.page_instructions):
        return "This run did not count instructions (`--instructions`, which needs valgrind).\n"
    return render_table(
        ("a page of 50 artifacts", "instructions", f"of {BARE_PAGE}", f"of {EXACT}"),
        (
            (
                name,
                f"{instructions:,.0f}",
                f"{instructions / counted[BARE_PAGE]:.2f}",
                f"{instructions / counted[EXACT]:.2f}",
            )
            for name, instructions in counted.items()
        ),
    )


def render_instructions(results: Results) -> str:
    """Render the instructions and the WAL of each operation by each compared variant."""
    if not results.instructions:
        return "This run did not count instructions (`--instructions`, which needs valgrind).\n"
    return render_table(
        ("", "by", "instructions", f"of {UNCOUNTED}", "WAL"),
        (
            (
                operation,
                name,
                f"{work.instructions:,.0f}",
                f"{work.instructions / works[UNCOUNTED].instructions:.2f}",
                format_size(work.wal),
            )
            for operation, works in results.instructions.items()
            for name, work in works.items()
        ),
    )


def render_bulk(results: Results) -> str:
    """Render each variant's time for one large statement."""
    seconds = results.writes.bulk_seconds()
    given_up = f"cancelled after {results.scale.patience:g} s"
    return render_table(
        ("", "s", f"of {UNCOUNTED}", "WAL a membership"),
        (
            (
                each.name,
                format_spread(seconds, each.name) if seconds.values[each.name] else given_up,
                seconds.ratio(each.name, UNCOUNTED) or NONE,
                format_size(statistics.median(run.wal for run in results.writes.bulk[each.name])),
            )
            for each in results.writes.variants
        ),
    )


def render_parts(results: Results) -> str:
    """Render the time of one membership as more of its triggers are on."""
    found = results.writes.profile.parts
    names = list(found.values)
    medians = [statistics.median(values) for values in found.values.values()]
    added = [NONE, *(f"{after - before:,.0f}" for before, after in pairwise(medians))]
    rows = (
        (name, format_spread(found, name), more, found.ratio(name, names[0]) or NONE)
        for name, more in zip(names, added, strict=True)
    )
    return render_table(("", "µs, with those above", "adds", f"of {names[0]}"), rows)


def render_statements(results: Results) -> str:
    """Render the statements that its triggers run."""
    statements = results.writes.profile.statements
    if statements is None:
        return "The list of statements needs pg_stat_statements, which is not installed.\n"
    return render_table(
        ("statement", "µs", "WAL"),
        (
            (f"`{each.text[:96]}`", f"{each.micros:,.1f}", format_size(each.wal))
            for each in statements
        ),
    )
