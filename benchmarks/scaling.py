"""The cost of a page and a refresh as the catalogue, its changes and its memberships grow."""

import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Final

from psycopg import Connection

from benchmarks import server
from benchmarks.dataset import Shape, load
from benchmarks.reads.contenders import BARE_PAGE, EXACT, LIVE_JOINS, SQL_COUNT_EACH
from benchmarks.reads.live_joins import COUNTED_EACH, COUNTERS
from benchmarks.reads.measure import time_requests
from benchmarks.reads.reader import RandomRequests, Reader, ReaderFactory, Request
from benchmarks.reads.statements import BARE, OURS, make_statement_factory
from benchmarks.rounds import CONSOLE, Rounds, Scale, measure_in_turn
from skillmeat import connect, migration

# All of them read a catalogue of ours: its settled counters stand for the row trigger's.
LINES: Final[Mapping[str, ReaderFactory]] = {
    BARE_PAGE: make_statement_factory(BARE),
    EXACT: make_statement_factory(OURS),
    LIVE_JOINS: make_statement_factory(COUNTERS),
    SQL_COUNT_EACH: make_statement_factory(COUNTED_EACH),
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


def measure_pages_against(
    what: str, urls: Mapping[int, tuple[str, Shape]], scale: Scale
) -> dict[int, Rounds]:
    """Time a page on every line, for each of these catalogues in turn."""
    with ExitStack() as stack:
        readers: dict[tuple[int, str], tuple[Reader, Shape]] = {
            (key, line): (stack.enter_context(open_reader(url)), shape)
            for key, (url, shape) in urls.items()
            for line, open_reader in LINES.items()
        }
        turns = dict.fromkeys(readers, 0)

        def once(key: tuple[int, str]) -> float:
            turns[key] += 1
            reader, shape = readers[key]
            requests = RandomRequests(shape, turns[key])
            return time_requests(reader, Request.PAGE, requests, scale.read_seconds)

        named = {f"{key:,} {what}, {line}": (key, line) for key, line in readers}
        found = measure_in_turn(f"a page against {what}", scale.read_rounds, named, once)
    return {
        key: Rounds("ms", {line: found[f"{key:,} {what}, {line}"] for line in LINES})
        for key in urls
    }


def measure_pages_against_changes(
    conn: Connection, url: str, shape: Shape, scale: Scale
) -> dict[str, Rounds]:
    """Time a page while more and more artifacts change after a refresh; leave them changed."""
    found = {}
    pending = 0
    for wanted in (0, shape.artifacts // 1000, shape.artifacts // 100, shape.artifacts // 10):
        while pending < wanted:
            # Many statements of a usual size: none of them changes everything.
            step = min(500, wanted - pending)
            conn.execute(CHANGE, (step,))
            pending += step
        conn.execute("vacuum analyze artifacts, artifact_changes")
        found[f"{wanted:,}"] = _page(url, shape, scale, f"{wanted:,} changes")
    conn.execute("update artifacts set title = 'changed'")
    conn.execute("vacuum analyze artifacts, artifact_changes")
    found[EVERYTHING] = _page(url, shape, scale, EVERYTHING)
    return found


def _page(url: str, shape: Shape, scale: Scale, what: str) -> Rounds:
    CONSOLE.print(f"a page with {what} pending")
    with ExitStack() as stack:
        readers = {
            line: stack.enter_context(open_reader(url))
            for line, open_reader in LINES.items()
            if line != SQL_COUNT_EACH
        }
        turns = dict.fromkeys(readers, 0)

        def once(line: str) -> float:
            turns[line] += 1
            requests = RandomRequests(shape, turns[line])
            return time_requests(readers[line], Request.PAGE, requests, scale.read_seconds)

        lines = {line: line for line in readers}
        return Rounds("ms", measure_in_turn(what, scale.read_rounds, lines, once))


@dataclass(frozen=True, slots=True)
class Refresh:
    """The seconds and bytes of WAL of one refresh."""

    artifacts: int
    changes: int
    seconds: float
    wal: float


def measure_refreshes(urls: Mapping[int, tuple[str, Shape]], most: int) -> list[Refresh]:
    """Time refreshes of refreshed catalogues: 1 % changed, and more at the size `most`."""
    found = []
    for size, (url, _) in urls.items():
        shares = (1000, 100, 10, 1) if size == most else (100,)
        with connect(url, autocommit=True) as conn:
            for share in shares:
                CONSOLE.print(f"a refresh of {size:,} artifacts, {size // share:,} changed")
                found.append(_refresh(conn, size, size // share))
    return found


def _refresh(conn: Connection, artifacts: int, changes: int) -> Refresh:
    conn.execute(CHANGE, (changes,))
    conn.execute("checkpoint")
    before = _wal(conn)
    started = time.perf_counter()
    conn.execute("select refresh_artifact_summaries()")
    seconds = time.perf_counter() - started
    return Refresh(artifacts, changes, seconds, _wal(conn) - before)


def _wal(conn: Connection) -> float:
    row = conn.execute("select (pg_current_wal_insert_lsn() - '0/0')::float8").fetchone()
    assert row is not None  # noqa: S101 - a function has its row
    return float(row[0])


SMALL = 10_000


@dataclass(frozen=True, slots=True)
class ScalingResults:
    """Milliseconds a page by line, for each size, number of changes and number of memberships."""

    sizes: dict[int, Rounds]
    changes: dict[str, Rounds]
    memberships: dict[int, Rounds]
    refreshes: list[Refresh]


def measure_scaling(url: str, ours: str, shape: Shape, scale: Scale) -> ScalingResults:
    """Measure all of it; `ours` is the URL of a catalogue of that shape, which is changed."""
    with ExitStack() as stack:
        sizes = {
            size: (ours, shape) if size == shape.artifacts else _built(stack, url, shape, size)
            for size in sorted({*scale.sizes, shape.artifacts})
        }
        by_size = measure_pages_against("artifacts", sizes, scale)
        refreshes = measure_refreshes(sizes, shape.artifacts)
    with connect(ours, autocommit=True) as conn:
        by_changes = measure_pages_against_changes(conn, ours, shape, scale)
    return ScalingResults(by_size, by_changes, _by_memberships(url, shape, scale), refreshes)


def _by_memberships(url: str, shape: Shape, scale: Scale) -> dict[int, Rounds]:
    with ExitStack() as stack:
        built = {
            memberships: _built(stack, url, replace(shape, memberships=memberships), SMALL)
            for memberships in scale.memberships
        }
        return measure_pages_against("memberships", built, scale)


def _built(stack: ExitStack, url: str, shape: Shape, artifacts: int) -> tuple[str, Shape]:
    made = replace(shape, artifacts=artifacts)
    name = f"skillmeat_bench_{artifacts}_{shape.memberships}"
    CONSOLE.print(f"building {artifacts:,} artifacts in {shape.memberships} collections each")
    database = stack.enter_context(server.create_database(url, name))
    migration.upgrade(url=database)
    with connect(database, autocommit=True) as conn:
        load(conn, made)
    return database, made
