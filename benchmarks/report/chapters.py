"""The chapters of docs/explanation/benchmarks.md: questions, results and what they mean."""

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

The first contender pays for counting: `default` has every artifact, so a page of 50 counts all
members of it 50 times. The exact page is {_times(page.ratio(COUNT_EACH, EXACT))} as fast as that,
{_times(page.ratio(LIVE_JOINS, EXACT))} as fast as joins by hand over a row trigger's counters,
{_times(page.ratio(SUMMARY, EXACT))} as fast as a summary table, and costs
{_times(page.ratio(EXACT, BARE_PAGE))} what the bare rows cost that show nothing of it.
Joining by hand touches {_blocks(results, LIVE_JOINS)} blocks, the exact page
{_blocks(results, EXACT)}: tags, version and collection ids are in the snapshot already, and what is
left are the names and counts of collections. The joins are written as the view is: what belongs to
a page is read by key, and made JSON at once.

![The other requests by every contender](benchmarks/requests.svg)

A page of a collection's artifacts is the same with one more join. For a collection or ten of them
there is little to save: the count is in the row, and what is pending is one probe that finds
nothing.

{parts}
### Where ours loses

{losses.render_faster_readers(results)}"""


def render_staleness(results: Results) -> str:
    """Render how old an answer can be."""
    return f"""## How stale

One writer adds a member to a collection, and {BETWEEN_WRITES * 1e3:.0f} ms later the next; a reader
looks at its count: how old is the oldest committed write that the answer does not know?

{tables.render_staleness(results)}
A cache and a timer are as stale as they are told to be, and SkillMeat's cache is told 300 s.
Refreshing with every write is exact, and every write then costs a REFRESH of the catalogue.
{_knew(results)}
"""


def render_scaling(results: Results) -> str:
    """Render the cost of a page as everything grows."""
    scaling = results.scaling
    least, most = min(scaling.memberships), max(scaling.memberships)
    return f"""## Growth

![A page against the catalogue's size](benchmarks/sizes.svg)

A page is two ordered index scans that stop after 50 rows, so it costs the page and not the
catalogue. Counting costs the catalogue.

{tables.render_scaling("artifacts", scaling.sizes)}
![A page against what has changed](benchmarks/changes.svg)

An artifact that has changed since the last refresh is read live: its tags, version and memberships
are gathered for it alone. Where most of a page has changed, ours does what joins by hand do; where
a statement has changed everything, or an eighth has changed one by one, the view reads all
artifacts live and no longer asks which have changed. With everything changed by one statement,
joins by hand take {_share(scaling.changes[EVERYTHING].ratio(LIVE_JOINS, EXACT))} of the time that
ours takes.

{tables.render_scaling("changed", scaling.changes)}
![A page against memberships](benchmarks/memberships.svg)

Each collection of each artifact is one probe for its name and count, so a page costs in proportion:
from {least} to {most} collections an artifact
{_grows(scaling.memberships[least], scaling.memberships[most])}. Joining by hand does the same,
and gathers tags and version too.

{tables.render_scaling("collections an artifact", scaling.memberships)}
### Where joins by hand are faster

{losses.render_faster_joins(results)}"""


def render_refreshes(results: Results) -> str:
    """Render the cost of refreshes."""
    return f"""## Refreshing

![What a refresh takes and writes](benchmarks/refreshes.svg)

A refresh computes the whole snapshot again and writes only the rows that differ (`REFRESH
MATERIALIZED VIEW CONCURRENTLY`): its time follows the size of the catalogue, its WAL the number of
changes. Here ours loses to a table that triggers keep ({SUMMARY}), which has nothing to refresh;
its writers pay for that.

{tables.render_refreshes(results)}"""


def render_writes(results: Results) -> str:
    """Render every variant under every workload."""
    least, most = min(results.scale.clients), max(results.scale.clients)
    crowd = results.writes.throughput(one_hot_collection(most))
    single = results.writes.throughput(SINGLE)
    parts = "\n".join(
        f"### {_title(workload.name)}\n\n{tables.render_writes(results, workload)}"
        for workload in results.writes.runs
    )
    return f"""## Writing

{tables.render_variants(results)}
Commits are durable. *Waiting* is how many sessions waited for another's row, on average; *40001*
counts serialization failures.

![What is left of the throughput without triggers](benchmarks/writing.svg)

Alone, every trigger costs what it does: ours appends twice, and settles when it commits, so a lone
client gets {_share(single.ratio(OURS, UNCOUNTED))} of what it gets without triggers, the row
trigger's {_share(single.ratio(ROW, UNCOUNTED))}. As soon as there are other clients, the row
trigger's clients wait for each other until commit, and where they touch two collections in opposite
order they stand still until `deadlock_timeout`, a second by default, ends one of them. All runs of
{results.scale.write_seconds:g} s with two collections had {_deadlocks(results)}.

![Memberships added to one collection](benchmarks/crowds.svg)

All clients of a trigger that updates queue for one row. {_scales(results, least, most)}With {most}
clients ours is {_times(crowd.ratio(OURS, ROW))} as fast as the row trigger. The ledger is
{_times(crowd.ratio(LEDGER, OURS))} as fast as ours: it appends and never settles, and its readers
pay for every row of it.

{parts}
### {results.scale.bulk:,} memberships in one statement

{tables.render_bulk(results)}
A statement trigger sums what the statement did and updates a collection once. The row trigger
updates a row for each membership, and each update leaves a dead row for the next to step over.

### Who gets more done than ours

As a multiple of ours:

{losses.render_faster_writers(results)}
Why it may be so:

{losses.render_reasons(results)}"""


def render_profiles(results: Results) -> str:
    """Render the profiles."""
    return f"""## Profiles

What a lone client waits for one membership, with ever more of what is done for it, each in turn:

{tables.render_parts(results)}
The triggers run these statements, here with pg_stat_statements watching each of them:

{tables.render_statements(results)}
What a lone membership pays for is their number, two appends and a settled count with their calls.
The less a commit takes, the more they weigh. Settling only every so often would be cheaper, and
`collections.artifact_count` would then lag behind when no client writes.

{_in_the_server(results)}

The exact page, in the middle of the catalogue:

```
{results.reads.plan}
```
"""


def _in_the_server(results: Results) -> str:
    works = results.reads.works
    if EXACT not in works:
        return "The server has no pg_stat_statements to tell what a page costs it alone."
    exact, joins, bare = (
        works[contender][Request.PAGE].milliseconds for contender in (EXACT, LIVE_JOINS, BARE_PAGE)
    )
    return f"""In the server alone the exact page takes {exact:.2g} ms, joins by hand {joins:.2g} ms
({joins / exact:.1f} times as much) and the bare rows {bare:.2g} ms ({exact / bare:.1f} times less).
The rest of what a reader waits for is the way there and psycopg, which decodes the same arrays and
JSON of every contender; the bare rows have none."""


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


def _knew(results: Results) -> str:
    worst = max(each.worst for each in results.staleness if each.name == EXACT)
    if worst:
        return (
            f"**Ours did not know a write that had committed {worst:.2f} s before it was asked.**"
        )
    return "Ours knew every write that had committed before it was asked."


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
    said = ", ".join(f"{name} {_times(ratio)}" for name, ratio in grew.items())
    return f"With {most} clients each gets this much of what it gets with {least} done: {said}. "


def _grows(least: Rounds, most: Rounds) -> str:
    pairs = zip(most.values[EXACT], least.values[EXACT], strict=True)
    return _times(Ratio.of(a / b for a, b in pairs))


def _deadlocks(results: Results) -> str:
    runs = [
        run
        for workload in (SEVERAL_AT_ONCE, SEVERAL_REPEATABLE)
        for run in results.writes.runs[workload][ROW]
    ]
    deadlocks = sum(run.deadlocks for run in runs)
    failures = sum(run.serialization_failures for run in runs)
    return f"{deadlocks} deadlocks, and {failures} serialization failures at REPEATABLE READ"
