"""The chapters of docs/explanation/benchmarks.md on readers: time, age and growth."""

from benchmarks.http.servers import BARE_ENDPOINT, OUR_SERVER, POSTGREST
from benchmarks.reads.contenders import BARE_PAGE, COUNT_EACH, EXACT, LIVE_JOINS, SUMMARY
from benchmarks.reads.reader import Request
from benchmarks.reads.staleness import BETWEEN_WRITES
from benchmarks.report import losses, tables
from benchmarks.report.figures import format_share, format_times, format_title
from benchmarks.rounds import Ratio, Rounds
from benchmarks.scaling import EVERYTHING
from benchmarks.suite import Results


def render_reads(results: Results) -> str:
    """Render every contender for every request."""
    page = results.reads.times[Request.PAGE]
    parts = "\n".join(
        f"### {format_title(request)}\n\n{tables.render_reads(results, request)}"
        for request in Request
    )
    return f"""## Reading

{tables.render_contenders(results)}
![A page of 50 artifacts by every contender](benchmarks/story.svg)

The first contender spends its time on counting. Every artifact is in `default`, so a page of 50
counts all members of `default` 50 times. Compared with other contenders, the exact page is:

- {format_times(page.ratio(COUNT_EACH, EXACT))} as fast as {COUNT_EACH};
- {format_times(page.ratio(LIVE_JOINS, EXACT))} as fast as {LIVE_JOINS};
- {format_times(page.ratio(SUMMARY, EXACT))} as fast as the {SUMMARY}.

The exact page takes {format_times(page.ratio(EXACT, BARE_PAGE))} as long as {BARE_PAGE}, which have
no tags, versions or collections.

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
A page by `{OUR_SERVER}` takes {format_times(rates.ratio(BARE_ENDPOINT, OUR_SERVER))} as long. It
checks the token and the parameters, waits for the statement, and hashes the page for its `ETag`.
It writes the metrics and one line of the log.
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
{format_share(scaling.changes[EVERYTHING].ratio(LIVE_JOINS, EXACT))} of the time of the exact page.

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


def _blocks(results: Results, contender: str) -> str:
    work = results.reads.works.get(contender, {}).get(Request.PAGE)
    return f"{work.blocks:,.0f}" if work else "-"


def _describe_staleness(results: Results) -> str:
    worst = max(each.worst for each in results.staleness if each.name == EXACT)
    if worst:
        return f"**An answer lacked a write that had committed {worst:.2f} s before the request.**"
    return "Our answers had every write that had committed before the request."


def _grows(least: Rounds, most: Rounds) -> str:
    pairs = zip(most.values[EXACT], least.values[EXACT], strict=True)
    return format_times(Ratio.of(a / b for a, b in pairs))
