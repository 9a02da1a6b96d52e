"""The contenders: ways to read, from SkillMeat as it was to the bare rows."""

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
        "SkillMeat as it was: every relationship loads with selectin, each membership is counted",
        Database.BASELINES,
        make_orm_factory(CountEachReader),
    ),
    Contender(
        "ORM, GROUP BY",
        "one GROUP BY over all collections instead, everything else as it was",
        Database.BASELINES,
        make_orm_factory(GroupByReader),
    ),
    Contender(
        "ORM, explicit loading",
        "columns instead of objects, nothing loads itself, counts of the page's collections alone; "
        "statements stay prepared",
        Database.BASELINES,
        make_prepared_orm_factory(ExplicitReader),
    ),
    Contender(
        TTL_CACHE,
        "the same with SkillMeat's cache of counts, 300 s, in the process, and warm",
        Database.BASELINES,
        make_prepared_orm_factory(partial(ExplicitReader.warm, ttl=SKILLMEATS_TTL)),
        tradeoff="its counts are as old as the cache",
    ),
    Contender(
        SQL_COUNT_EACH,
        "one statement by hand, which counts every membership",
        Database.BASELINES,
        make_statement_factory(live_joins.COUNTED_EACH),
    ),
    Contender(
        WRITTEN_JOINS,
        "one statement by hand, as one writes it, over counters that a row trigger keeps",
        Database.BASELINES,
        make_statement_factory(live_joins.WRITTEN),
        tradeoff="it needs no pending counts, because every writer waits for the one before",
    ),
    Contender(
        LIVE_JOINS,
        "the same with every trick of our own views",
        Database.BASELINES,
        make_statement_factory(live_joins.COUNTERS),
        tradeoff="it needs no pending counts, because every writer waits for the one before",
    ),
    Contender(
        SUMMARY,
        "a table of ready rows, kept by row triggers on four tables; counts by a row trigger",
        Database.BASELINES,
        make_statement_factory(live_joins.SUMMARY_TABLE),
        tradeoff="every writer has rewritten the rows that it changed, and waited for the others",
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
        "`artifact_summaries` typed at a psql prompt, its text read back",
        Database.OURS,
        ours.psql,
    ),
    Contender(
        MAPPED,
        "`skillmeat.orm`, a session a request",
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
        "the floor: rows of the table alone, with nothing that belongs to them",
        Database.OURS,
        make_statement_factory(BARE),
        tradeoff="nothing belongs to them, and counts are the settled ones",
        shows_counts=False,
    ),
)
WITH_IVM: Final = Contender(
    IVM,
    "the same over counts that the extension keeps",
    Database.BASELINES,
    make_statement_factory(live_joins.IVM),
    tradeoff="it needs no pending counts, because every writer waits for the one before",
)


def list_contenders(conn: Connection) -> Iterator[Contender]:
    """Yield the contenders that can run on this server."""
    yield from CONTENDERS
    if server.has_ivm(conn):
        yield WITH_IVM
