"""The chapters of docs/explanation/benchmarks.md on writers: their throughput and their profile."""

from benchmarks.reads.contenders import BARE_PAGE, EXACT, LIVE_JOINS
from benchmarks.reads.reader import Request
from benchmarks.report import losses, tables
from benchmarks.report.figures import format_share, format_times, format_title
from benchmarks.rounds import Ratio
from benchmarks.suite import Results
from benchmarks.writes.variants import LEDGER, OURS, ROW, UNCOUNTED
from benchmarks.writes.workloads import (
    SEVERAL_AT_ONCE,
    SEVERAL_REPEATABLE,
    SINGLE,
    one_hot_collection,
)


def render_writes(results: Results) -> str:
    """Render every variant under every workload."""
    least, most = min(results.scale.clients), max(results.scale.clients)
    crowd = results.writes.throughput(one_hot_collection(most))
    single = results.writes.throughput(SINGLE)
    parts = "\n".join(
        f"### {format_title(workload.name)}\n\n{tables.render_writes(results, workload)}"
        for workload in results.writes.workloads
    )
    return f"""## Writing

{tables.render_variants(results)}
Commits are durable. *Waiting* is the average number of sessions
that waited for a row lock of another session. *40001* is the number of serialization failures,
*aborted* that of the clients which another error ended.

![What is left of the throughput without triggers](benchmarks/writing.svg)

A lone client never waits, so only the work of the triggers counts. Our triggers append two rows,
and settle the count at commit. With our triggers a lone client reaches
{format_share(single.ratio(OURS, UNCOUNTED))} of the throughput without triggers. With the
row trigger it reaches {format_share(single.ratio(ROW, UNCOUNTED))}.

With several clients, the row trigger makes each client wait until another client commits. Clients
that change two collections in opposite order deadlock. After `deadlock_timeout`, one second by
default, PostgreSQL cancels one of them. With the row trigger, all runs of
{results.scale.write_seconds:g} s on two collections had {_deadlocks(results)}.

![Memberships added to one collection](benchmarks/crowds.svg)

Where a trigger updates a counter, all clients queue for one row.
{_scales(results, least, most)}With {most} clients ours is
{format_times(crowd.ratio(OURS, ROW))} as fast as the row trigger. The {LEDGER} is
{format_times(crowd.ratio(LEDGER, OURS))} as fast as ours, because it never settles.
Its readers sum every row that has ever been appended.

{parts}
### If a commit takes longer

A commit here takes as long as this machine's disk needs. Where commits are fast, the instructions
of the triggers decide; where they are slow, the number of commits that wait for each other does.
The table shows the throughput as a share of that without triggers, on this disk, and with
`commit_delay`, by which the server waits a millisecond before it flushes a commit.

{tables.render_slow_commits(results)}
### Instructions and WAL

These figures hardly depend on the machine. callgrind counts the instructions
of one backend, which commits each operation by itself and has run it before.

{tables.render_instructions(results)}
### {results.scale.bulk:,} memberships in one statement

{tables.render_bulk(results)}
A statement trigger sums the changes of the statement, and updates each collection once. The row
trigger updates the collection for each membership. Each update leaves a dead row, which the next
update reads again.

### Which variants are faster than ours

The number is the throughput of the variant as a multiple of ours.

{losses.render_faster_writers(results)}
The reasons:

{losses.render_reasons(results)}"""


def render_profiles(results: Results) -> str:
    """Render the profiles."""
    return f"""## Profiles

The table shows how long a lone client waits for one membership. Each line adds one trigger to the
lines above it.

{tables.render_parts(results)}
The triggers run these statements, which pg_stat_statements measured:

{tables.render_statements(results)}
The time of a lone membership comes from the number of these
statements: two appends and one settled count, each with its call. Their share is larger where a
commit is faster. Settling less often would be cheaper, but `collections.artifact_count` would then
lag while no client writes.

{_in_the_server(results)}

The exact page, in the middle of the catalogue:

```
{results.reads.plan}
```
"""


def _in_the_server(results: Results) -> str:
    works = results.reads.works
    if EXACT not in works:
        return "The time of a page in the server needs pg_stat_statements, which is not installed."
    exact, joins, bare = (
        works[contender][Request.PAGE].milliseconds for contender in (EXACT, LIVE_JOINS, BARE_PAGE)
    )
    return f"""In the server, the exact page takes {exact:.2g} ms. The hand-written joins take
{joins:.2g} ms, {joins / exact:.1f} times as long. The bare rows take {bare:.2g} ms; the exact page
takes {exact / bare:.1f} times as long. The rest of the time goes to the connection and to psycopg,
which decodes the same arrays and JSON for every contender. The bare rows have no arrays and no
JSON."""


def _scales(results: Results, least: int, most: int) -> str:
    if least == most:
        return ""
    few, many = (
        results.writes.throughput(one_hot_collection(crowd)).values for crowd in (least, most)
    )
    grew = {
        name: Ratio.of(
            after / before for before, after in zip(few[name], many[name], strict=True) if before
        )
        for name in (UNCOUNTED, ROW, OURS)
    }
    growth = ", ".join(f"{name} {format_times(ratio)}" for name, ratio in grew.items())
    before = "1 client" if least == 1 else f"{least} clients"
    return f"This is the throughput with {most} clients against {before}: {growth}. "


def _deadlocks(results: Results) -> str:
    runs = [
        run
        for workload in (SEVERAL_AT_ONCE, SEVERAL_REPEATABLE)
        for run in results.writes.runs[workload.name][ROW]
    ]
    deadlocks = sum(run.deadlocks for run in runs)
    failures = sum(run.serialization_failures for run in runs)
    return f"{deadlocks} deadlocks, and {failures} serialization failures at REPEATABLE READ"
