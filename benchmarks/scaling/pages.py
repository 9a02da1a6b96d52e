"""What a page costs against the catalogue's size, its pending changes and its memberships."""

from collections.abc import Mapping
from contextlib import ExitStack
from typing import Final

from psycopg import Connection

from benchmarks.dataset import Shape
from benchmarks.reads.contender import Opens, Reader, Request
from benchmarks.reads.live_joins import COUNTED_EACH, COUNTERS
from benchmarks.reads.measure import milliseconds
from benchmarks.reads.requests import Asker
from benchmarks.reads.statements import BARE, OURS, reading
from benchmarks.reads.suite import BARE_PAGE, EXACT, LIVE_JOINS, SQL_COUNT_EACH
from benchmarks.rounds import CONSOLE, Rounds, in_turn
from benchmarks.scale import Scale

# All of them on a catalogue of ours: its settled counters are the row trigger's.
LINES: Final[Mapping[str, Opens]] = {
    BARE_PAGE: reading(BARE),
    EXACT: reading(OURS),
    LIVE_JOINS: reading(COUNTERS),
    SQL_COUNT_EACH: reading(COUNTED_EACH),
}
EVERYTHING: Final = "everything, by one statement"

CHANGE: Final = """
    update artifacts
    set title = 'changed ' || clock_timestamp()
    where id in (
        select a.id
        from artifacts as a
        where not exists (select from artifact_changes as c where c.artifact_id = a.id)
        order by hashtext(a.id)
        limit %s
    )
"""


def against(what: str, urls: Mapping[int, tuple[str, Shape]], scale: Scale) -> dict[int, Rounds]:
    """A page on every line, for each of these catalogues, all in turn."""
    with ExitStack() as stack:
        readers: dict[tuple[int, str], tuple[Reader, Shape]] = {
            (key, line): (stack.enter_context(opens(url)), shape)
            for key, (url, shape) in urls.items()
            for line, opens in LINES.items()
        }
        turns = dict.fromkeys(readers, 0)

        def once(key: tuple[int, str]) -> float:
            turns[key] += 1
            reader, shape = readers[key]
            asker = Asker(shape, turns[key])
            return milliseconds(reader, Request.PAGE, asker, scale.read_seconds)

        named = {f"{key:,} {what}, {line}": (key, line) for key, line in readers}
        found = in_turn(f"a page against {what}", scale.read_rounds, named, once)
    return {
        key: Rounds("ms", {line: found[f"{key:,} {what}, {line}"] for line in LINES})
        for key in urls
    }


def against_changes(conn: Connection, url: str, shape: Shape, scale: Scale) -> dict[str, Rounds]:
    """A page while more and more artifacts have changed since the last refresh."""
    conn.execute("select refresh_artifact_summaries()")
    found = {}
    pending = 0
    for wanted in (0, shape.artifacts // 1000, shape.artifacts // 100, shape.artifacts // 10):
        while pending < wanted:
            # As many statements as people make, none of which changes everything.
            step = min(500, wanted - pending)
            conn.execute(CHANGE, (step,))
            pending += step
        conn.execute("vacuum analyze artifacts, artifact_changes")
        found[f"{wanted:,}"] = _page(url, shape, scale, f"{wanted:,} changes")
    conn.execute("update artifacts set title = 'changed'")
    conn.execute("vacuum analyze artifacts, artifact_changes")
    found[EVERYTHING] = _page(url, shape, scale, EVERYTHING)
    conn.execute("select refresh_artifact_summaries()")
    return found


def _page(url: str, shape: Shape, scale: Scale, what: str) -> Rounds:
    CONSOLE.print(f"a page with {what} pending")
    with ExitStack() as stack:
        readers = {
            line: stack.enter_context(opens(url))
            for line, opens in LINES.items()
            if line != SQL_COUNT_EACH
        }
        turns = dict.fromkeys(readers, 0)

        def once(line: str) -> float:
            turns[line] += 1
            asker = Asker(shape, turns[line])
            return milliseconds(readers[line], Request.PAGE, asker, scale.read_seconds)

        lines = {line: line for line in readers}
        return Rounds("ms", in_turn(what, scale.read_rounds, lines, once))
