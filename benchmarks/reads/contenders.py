"""The contenders: ways to read, from SkillMeat before this project to the bare rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Final

from psycopg import Connection

from benchmarks import server
from benchmarks.reads import live_joins, ours
from benchmarks.reads.orm.explicit import ExplicitReader
from benchmarks.reads.orm.results import make_orm_factory, make_prepared_orm_factory
from benchmarks.reads.orm.selectin import CountEachReader, GroupByReader
from benchmarks.reads.reader import ReaderFactory
from benchmarks.reads.statements import BARE, OURS, PLAIN_MATVIEWS, make_statement_factory


class Database(StrEnum):
    """The copy of the catalogue that a contender reads: with our triggers or the baselines'."""

    OURS = "skillmeat_bench_ours"
    BASELINES = "skillmeat_bench_baselines"


@dataclass(frozen=True, slots=True)
class Description:
    """The part of a contender that a report needs."""

    name: str
    description: str
    tradeoff: str


@dataclass(frozen=True, slots=True)
class Contender:
    """A way to read."""

    name: str
    description: str
    """One sentence on how it works."""
    database: Database
    open_reader: ReaderFactory
    tradeoff: str = ""
    """Why it may be faster than ours, and the price of that."""
    shows_counts: bool = True
    """False for the bare rows."""

    def describe(self) -> Description:
        """Return its part that a report needs."""
        return Description(self.name, self.description, self.tradeoff)


SKILLMEATS_TTL: Final = 300
BARE_PAGE: Final = "the bare rows"
COUNT_EACH: Final = "ORM, a COUNT each"
SQL_COUNT_EACH: Final = "SQL, a COUNT each"
WRITTEN_JOINS: Final = "row trigger, joins as written"
LIVE_JOINS: Final = "row trigger, live joins"
EXACT: Final = "ours, a statement"
THIN: Final = "ours, thin layer"
MAPPED: Final = "ours, ORM mapping"
PSQL: Final = "ours, psql"
TTL_CACHE: Final = "ORM, counts cached"
MATVIEW: Final = "plain materialized view"
SUMMARY: Final = "summary table"
IVM: Final = "pg_ivm, live joins"
CONTENDERS: Final = (
    Contender(
        COUNT_EACH,
        "SkillMeat before this project: selectin loads every relationship, a COUNT counts each "
        "membership",
        Database.BASELINES,
        make_orm_factory(CountEachReader),
    ),
    Contender(
        "ORM, GROUP BY",
        "the same with one GROUP BY over all collections instead of a COUNT each",
        Database.BASELINES,
        make_orm_factory(GroupByReader),
    ),
    Contender(
        "ORM, explicit loading",
        "columns instead of objects, no lazy loading, a count only of the page's collections; "
        "statements stay prepared",
        Database.BASELINES,
        make_prepared_orm_factory(ExplicitReader),
    ),
    Contender(
        TTL_CACHE,
        "the same with SkillMeat's cache of counts: in the process, for 300 s, and warm",
        Database.BASELINES,
        make_prepared_orm_factory(partial(ExplicitReader.warm, ttl=SKILLMEATS_TTL)),
        tradeoff="its counts are as old as the cache",
    ),
    Contender(
        SQL_COUNT_EACH,
        "one hand-written statement, which counts every membership",
        Database.BASELINES,
        make_statement_factory(live_joins.COUNTED_EACH),
    ),
    Contender(
        WRITTEN_JOINS,
        "one hand-written statement without optimizations, over counters that a row trigger keeps",
        Database.BASELINES,
        make_statement_factory(live_joins.WRITTEN),
        tradeoff="it has no pending counts to add, because its writers wait for each other",
    ),
    Contender(
        LIVE_JOINS,
        "the same with every optimization of our own views",
        Database.BASELINES,
        make_statement_factory(live_joins.COUNTERS),
        tradeoff="it has no pending counts to add, because its writers wait for each other",
    ),
    Contender(
        SUMMARY,
        "a table of complete rows, which row triggers on four tables keep; a row trigger counts",
        Database.BASELINES,
        make_statement_factory(live_joins.SUMMARY_TABLE),
        tradeoff="its writers rewrite the rows that they change, and wait for each other",
    ),
    Contender(
        MATVIEW,
        "pages with their counts as of the last REFRESH",
        Database.BASELINES,
        make_statement_factory(PLAIN_MATVIEWS),
        tradeoff="it is as old as its last REFRESH",
    ),
    Contender(
        PSQL,
        "`artifact_summaries` in psql, which prints text that the benchmark parses",
        Database.OURS,
        ours.psql,
    ),
    Contender(
        MAPPED,
        "`skillmeat.orm`, with a new session for each request",
        Database.OURS,
        make_prepared_orm_factory(ours.MappedReader),
    ),
    Contender(
        THIN,
        "`skillmeat.catalogue.artifacts.list_artifacts`, with its total and its cursors",
        Database.OURS,
        ours.thin,
    ),
    Contender(
        EXACT,
        "`select * from artifact_summaries`, prepared",
        Database.OURS,
        make_statement_factory(OURS),
    ),
    Contender(
        BARE_PAGE,
        "the lower bound: rows of `artifacts`, without tags, version and collections",
        Database.OURS,
        make_statement_factory(BARE),
        tradeoff="they have no tags, versions or collections, and no pending counts",
        shows_counts=False,
    ),
)
WITH_IVM: Final = Contender(
    IVM,
    "the same over counts that the extension keeps",
    Database.BASELINES,
    make_statement_factory(live_joins.IVM),
    tradeoff="it has no pending counts to add, because its writers wait for each other",
)


def list_contenders(conn: Connection) -> Iterator[Contender]:
    """Yield the contenders that can run on this server."""
    yield from CONTENDERS
    if server.has_ivm(conn):
        yield WITH_IVM
