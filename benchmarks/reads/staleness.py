"""The staleness of answers: a writer adds to a collection, and a reader reads its count."""

import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Final

from benchmarks.dataset import Shape
from benchmarks.reads.contenders import EXACT, MATVIEW, TTL_CACHE, Database
from benchmarks.reads.orm.explicit import ExplicitReader
from benchmarks.reads.orm.results import make_orm_factory
from benchmarks.reads.reader import Reader, ReaderFactory
from benchmarks.reads.statements import OURS, PLAIN_MATVIEWS, make_statement_factory
from benchmarks.rounds import CONSOLE
from benchmarks.server import install_baselines
from skillmeat import connect

BETWEEN_WRITES: Final = 0.02
BETWEEN_LOOKS: Final = 0.005

ADD: Final = """
    insert into collection_artifacts (collection_id, artifact_id)
    select %(collection)s, a.id
    from artifacts as a
    where not exists (
        select
        from collection_artifacts as m
        where m.collection_id = %(collection)s and m.artifact_id = a.id
    )
    order by a.id
    limit 1
"""
REFRESH: Final = (
    "refresh materialized view concurrently artifact_pages",
    "refresh materialized view concurrently collection_pages",
)


@dataclass(frozen=True, slots=True)
class Staleness:
    """The seconds since the oldest write that an answer lacked, and the seconds of a write."""

    name: str
    worst: float
    mean: float
    write: float


@dataclass(frozen=True, slots=True)
class Strategy:
    """A reader, and the refresher that keeps its data fresh."""

    name: str
    database: Database
    open_reader: ReaderFactory
    keep_fresh: Callable[[str], AbstractContextManager[None]]


def list_strategies(seconds: float) -> tuple[Strategy, ...]:
    """Return a cache of this lifetime, a REFRESH as often, one with every write, and ours."""
    every = f"{seconds:g} s"
    return (
        Strategy(
            f"{TTL_CACHE} for {every}",
            Database.BASELINES,
            make_orm_factory(partial(ExplicitReader, ttl=seconds)),
            _do_nothing,
        ),
        Strategy(
            f"{MATVIEW}, refreshed every {every}",
            Database.BASELINES,
            make_statement_factory(PLAIN_MATVIEWS),
            partial(_refreshed, seconds),
        ),
        Strategy(
            f"{MATVIEW}, refreshed with every write",
            Database.BASELINES,
            make_statement_factory(PLAIN_MATVIEWS),
            _refreshed_on_write,
        ),
        Strategy(EXACT, Database.OURS, make_statement_factory(OURS), _do_nothing),
    )


def measure_staleness(urls: dict[Database, str], shape: Shape, seconds: float) -> list[Staleness]:
    """Watch each strategy for 2.5 lifetimes of the cache, or three writes if that is longer."""
    found = []
    for each in list_strategies(seconds):
        CONSOLE.print(f"how stale: {each.name}")
        url = urls[each.database]
        with each.keep_fresh(url), each.open_reader(url) as reader:
            found.append(_watch(each.name, reader, url, shape, 2.5 * seconds))
    with connect(urls[Database.OURS], autocommit=True) as conn:
        # The next measurement must not find pending changes of this one.
        conn.execute("select refresh_artifact_summaries()")
        conn.execute("vacuum analyze")
    return found


def _watch(name: str, reader: Reader, url: str, shape: Shape, seconds: float) -> Staleness:
    collection = shape.collection_id(shape.collections - 1)
    began = reader.collection(collection).artifact_count
    committed: list[float] = []
    took: list[float] = []
    done = threading.Event()

    def write() -> None:
        with connect(url, autocommit=True) as conn:
            while not done.wait(BETWEEN_WRITES):
                started = time.perf_counter()
                conn.execute(ADD, {"collection": collection})
                committed.append(time.perf_counter())
                took.append(committed[-1] - started)

    writer = threading.Thread(target=write)
    writer.start()
    ages: list[float] = []
    ends = time.perf_counter() + seconds
    try:
        while time.perf_counter() < ends or len(committed) < 3:  # noqa: PLR2004
            # The answer must contain every write that was committed before the request.
            asked, known = time.perf_counter(), len(committed)
            shown = reader.collection(collection).artifact_count - began
            ages.append(asked - committed[shown] if shown < known else 0)
            time.sleep(BETWEEN_LOOKS)
    finally:
        done.set()
        writer.join()
    return Staleness(name, max(ages), statistics.fmean(ages), statistics.median(took))


def _do_nothing(_: str) -> AbstractContextManager[None]:
    return nullcontext()


@contextmanager
def _refreshed(seconds: float, url: str) -> Iterator[None]:
    done = threading.Event()

    def refresh() -> None:
        with connect(url, autocommit=True) as conn:
            while not done.wait(seconds):
                for statement in REFRESH:
                    conn.execute(statement)

    with connect(url, autocommit=True) as conn:
        for statement in REFRESH:
            conn.execute(statement)
    refresher = threading.Thread(target=refresh)
    refresher.start()
    try:
        yield
    finally:
        done.set()
        refresher.join()


@contextmanager
def _refreshed_on_write(url: str) -> Iterator[None]:
    with connect(url, autocommit=True) as conn:
        for statement in REFRESH:
            conn.execute(statement)
        install_baselines(conn, "refresh_on_write")
        try:
            yield
        finally:
            conn.execute("drop trigger refresh_pages on collection_artifacts")
            conn.execute("drop function refresh_pages")
