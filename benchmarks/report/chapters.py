"""The chapters of docs/explanation/benchmarks.md: questions, results and what they mean."""

from benchmarks.http.servers import BARE_ENDPOINT, OUR_SERVER, POSTGREST
from benchmarks.reads.contenders import BARE_PAGE, COUNT_EACH, EXACT, LIVE_JOINS, SUMMARY
from benchmarks.reads.reader import Request
from benchmarks.reads.staleness import BETWEEN_WRITES
from benchmarks.report import losses, tables
from benchmarks.rounds import Ratio, Rounds
from benchmarks.scaling import EVERYTHING
from benchmarks.suite import Results
from benchmarks.writes.variants import LEDGER, OURS, ROW, UNCOUNTED
from benchmarks.writes.workloads import (
    SEVERAL_AT_ONCE,
    SEVERAL_REPEATABLE,
    SINGLE,
    one_hot_collection,
)


def render_reads(results: Results) -> str:
    """Render every contender for every request."""
    page = results.reads.times[Request.PAGE]
    parts = "\n".join(
        f"### {_title(request)}\n\n{tables.render_reads(results, request)}" for request in Request
    )
    return f"""## Reading

{tables.render_contenders(results)}
![A page of 50 artifacts by every contender](benchmarks/story.svg)

The first contender spends its time on counting. Every artifact is in `default`, so a page of 50
counts all members of `default` 50 times. Compared with other contenders, the exact page is:

- {_times(page.ratio(COUNT_EACH, EXACT))} as fast as {COUNT_EACH};
- {_times(page.ratio(LIVE_JOINS, EXACT))} as fast as {LIVE_JOINS};
- {_times(page.ratio(SUMMARY, EXACT))} as fast as the {SUMMARY}.

The exact page takes {_times(page.ratio(EXACT, BARE_PAGE))} as long as {BARE_PAGE}, which have no
tags, versions or collections.

The hand-written joins read {_blocks(results, LIVE_JOINS)} blocks, the exact page reads
{_blocks(results, EXACT)}. The snapshot already has the tags, the version and the collection ids.
Only the names and the counts of collections are read in addition. The hand-written joins
use the same techniques as the view: they read related rows by key and build the JSON in one call.

![The other requests by every contender](benchmarks/requests.svg)

A page of a collection's artifacts needs one more join. For one collection or ten collections there
is little to save: the settled count is in the row, and one index probe finds that nothing is
pending.

{parts}
### From a cold cache

The distinct blocks that a page reads after the server has evicted the catalogue from its cache. The
snapshot lies in the order of pages and has what the joins look for in four other tables.

{tables.render_cold_blocks(results)}
### Instructions

These figures hardly depend on the machine. callgrind counts the instructions of a backend that has
planned the statement, without the client's.

{tables.render_page_instructions(results)}
### Which contenders are faster than ours

{losses.render_faster_readers(results)}"""


def render_staleness(results: Results) -> str:
    """Render how old an answer can be."""
    return f"""## Staleness

One writer adds a member to a collection every {BETWEEN_WRITES * 1e3:.0f} ms. Meanwhile a reader
reads the count. The table shows the age of the oldest committed write that an answer lacked.

{tables.render_staleness(results)}
The lifetime of a cache or the interval of a timer decides how stale an answer is. SkillMeat's cache
keeps counts for 300 s. A REFRESH with every write is exact, but each write then waits for a REFRESH
of the whole catalogue. {_describe_staleness(results)}
"""


def render_http(results: Results) -> str:
    """Render a page over HTTP by every server."""
    rates = results.http.rates(1)
    postgrest = (
        f"{POSTGREST} sends the columns of `artifact_summaries`, without the total."
        if POSTGREST in rates.values
        else f"{POSTGREST} was not measured, because `postgrest` is not on the PATH."
    )
    return f"""## Over HTTP

Each client requests the same page of 50 artifacts over one connection, again and again. The CPU
time is that of the HTTP server, without PostgreSQL's. As a lower bound, {BARE_ENDPOINT} sends the
same bytes from memory, on uvicorn as it is installed without extras: h11 and asyncio. Ours runs on
httptools and uvloop. {postgrest}

{tables.render_http(results)}
A page by `{OUR_SERVER}` takes {_times(rates.ratio(BARE_ENDPOINT, OUR_SERVER))} as long. It checks
the token and the parameters, waits for the statement, and hashes the page for its `ETag`. It writes
the metrics and one line of the log.
"""


def render_scaling(results: Results) -> str:
    """Render the cost of a page as everything grows."""
    scaling = results.scaling
    least, most = min(scaling.memberships), max(scaling.memberships)
    return f"""## Growth

![A page against the catalogue's size](benchmarks/sizes.svg)

A page is two ordered index scans that stop after 50 rows. Its time therefore depends on the page
and not on the size of the catalogue. The time of counting grows with the catalogue.

{tables.render_scaling("artifacts", scaling.sizes)}
![A page against what has changed](benchmarks/changes.svg)

The view reads an artifact live if the artifact has changed since the last refresh: it joins the
tags, the version and the memberships for that artifact alone. A page whose artifacts have all
changed does the same work as the hand-written joins. The view bypasses the snapshot after one
statement has changed everything, or after an eighth of the artifacts has changed in small
statements. It then reads all artifacts live, and no longer checks which artifacts have changed.
When one statement has changed everything, the hand-written joins take
{_share(scaling.changes[EVERYTHING].ratio(LIVE_JOINS, EXACT))} of the time of the exact page.

{tables.render_scaling("changed", scaling.changes)}
![A page against memberships](benchmarks/memberships.svg)

Each collection of each artifact needs one probe for its name and count, so the time of a page grows
with the memberships of its artifacts. A page takes
{_grows(scaling.memberships[least], scaling.memberships[most])} as long with {most} collections an
artifact as with {least}. The hand-written joins make the same probes, and read tags and versions
too.

{tables.render_scaling("collections an artifact", scaling.memberships)}
### When hand-written joins are faster

{losses.render_faster_joins(results)}"""


def render_refreshes(results: Results) -> str:
    """Render the cost of refreshes."""
    return f"""## Refreshing

![What a refresh takes and writes](benchmarks/refreshes.svg)

A refresh (`REFRESH MATERIALIZED VIEW CONCURRENTLY`) computes the whole snapshot again, but writes
only the rows that differ. Its time grows with the catalogue, its WAL grows with the number of
changes. The {SUMMARY} needs no refresh, because its triggers update it with every write.

{tables.render_refreshes(results)}"""


def render_writes(results: Results) -> str:
    """Render every variant under every workload."""
    least, most = min(results.scale.clients), max(results.scale.clients)
    crowd = results.writes.throughput(one_hot_collection(most))
    single = results.writes.throughput(SINGLE)
    parts = "\n".join(
        f"### {_title(workload.name)}\n\n{tables.render_writes(results, workload)}"
        for workload in results.writes.workloads
    )
    return f"""## Writing

{tables.render_variants(results)}
Commits are durable. *Waiting* is the average number of sessions
that waited for a row lock of another session. *40001* is the number of serialization failures.

![What is left of the throughput without triggers](benchmarks/writing.svg)

A lone client never waits, so only the work of the triggers counts. Our triggers append two rows,
and settle the count at commit. With our triggers a lone client reaches
{_share(single.ratio(OURS, UNCOUNTED))} of the throughput without triggers. With the row trigger it
reaches {_share(single.ratio(ROW, UNCOUNTED))}.

With several clients, the row trigger makes each client wait until another client commits. Clients
that change two collections in opposite order deadlock. After `deadlock_timeout`, one second by
default, PostgreSQL cancels one of them. With the row trigger, all runs of
{results.scale.write_seconds:g} s on two collections had {_deadlocks(results)}.

![Memberships added to one collection](benchmarks/crowds.svg)

Where a trigger updates a counter, all clients queue for one row.
{_scales(results, least, most)}With {most} clients ours is {_times(crowd.ratio(OURS, ROW))} as fast
as the row trigger. The {LEDGER} is {_times(crowd.ratio(LEDGER, OURS))} as fast as ours, because it
never settles. Its readers sum every row that has ever been appended.

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


def _title(text: str) -> str:
    return text[0].upper() + text[1:]


def _times(ratio: Ratio | None) -> str:
    if ratio is None:
        return "-"
    return f"{ratio.median:,.0f} times" if ratio.median >= 10 else f"{ratio.median:.1f} times"  # noqa: PLR2004


def _share(ratio: Ratio | None) -> str:
    return "-" if ratio is None else f"{100 * ratio.median:.0f} %"


def _blocks(results: Results, contender: str) -> str:
    work = results.reads.works.get(contender, {}).get(Request.PAGE)
    return f"{work.blocks:,.0f}" if work else "-"


def _describe_staleness(results: Results) -> str:
    worst = max(each.worst for each in results.staleness if each.name == EXACT)
    if worst:
        return f"**An answer lacked a write that had committed {worst:.2f} s before the request.**"
    return "Our answers had every write that had committed before the request."


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
    growth = ", ".join(f"{name} {_times(ratio)}" for name, ratio in grew.items())
    before = "1 client" if least == 1 else f"{least} clients"
    return f"This is the throughput with {most} clients against {before}: {growth}. "


def _grows(least: Rounds, most: Rounds) -> str:
    pairs = zip(most.values[EXACT], least.values[EXACT], strict=True)
    return _times(Ratio.of(a / b for a, b in pairs))


def _deadlocks(results: Results) -> str:
    runs = [
        run
        for workload in (SEVERAL_AT_ONCE, SEVERAL_REPEATABLE)
        for run in results.writes.runs[workload.name][ROW]
    ]
    deadlocks = sum(run.deadlocks for run in runs)
    failures = sum(run.serialization_failures for run in runs)
    return f"{deadlocks} deadlocks, and {failures} serialization failures at REPEATABLE READ"
