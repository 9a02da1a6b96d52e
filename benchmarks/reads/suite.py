"""The rungs, from where it began to the floor."""

from collections.abc import Iterator
from functools import partial
from typing import Final

from psycopg import Connection

from benchmarks import baselines
from benchmarks.reads import live_joins, ours
from benchmarks.reads.contender import Database, Rung
from benchmarks.reads.orm.count_each import CountEachReader
from benchmarks.reads.orm.explicit import ExplicitReader
from benchmarks.reads.orm.group_by import GroupByReader
from benchmarks.reads.orm.shown import opening, opening_prepared
from benchmarks.reads.statements import BARE, OURS, PLAIN_MATVIEWS, reading

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

RUNGS: Final = (
    Rung(
        COUNT_EACH,
        "SkillMeat as it was: every relationship loads with selectin, each membership is counted",
        Database.RIVALS,
        opening(CountEachReader),
    ),
    Rung(
        "ORM, GROUP BY",
        "one GROUP BY over all collections instead, everything else as it was",
        Database.RIVALS,
        opening(GroupByReader),
    ),
    Rung(
        "ORM, explicit loading",
        "columns instead of objects, nothing loads itself, counts of the page's collections alone; "
        "statements stay prepared",
        Database.RIVALS,
        opening_prepared(ExplicitReader),
    ),
    Rung(
        TTL_CACHE,
        "the same with SkillMeat's cache of counts, 300 s, in the process, and warm",
        Database.RIVALS,
        opening_prepared(partial(ExplicitReader.warm, ttl=SKILLMEATS_TTL)),
        faster="its counts are as old as the cache",
    ),
    Rung(
        SQL_COUNT_EACH,
        "one statement by hand, which counts every membership",
        Database.RIVALS,
        reading(live_joins.COUNTED_EACH),
    ),
    Rung(
        WRITTEN_JOINS,
        "one statement by hand, as one writes it, over counters that a row trigger keeps",
        Database.RIVALS,
        reading(live_joins.WRITTEN),
        faster="it needs no pending counts, because every writer waits for the one before",
    ),
    Rung(
        LIVE_JOINS,
        "the same with every trick of our own views",
        Database.RIVALS,
        reading(live_joins.COUNTERS),
        faster="it needs no pending counts, because every writer waits for the one before",
    ),
    Rung(
        SUMMARY,
        "a table of ready rows, kept by row triggers on four tables; counts by a row trigger",
        Database.RIVALS,
        reading(live_joins.SUMMARY_TABLE),
        faster="every writer has rewritten the rows that it changed, and waited for the others",
    ),
    Rung(
        MATVIEW,
        "pages with their counts as of the last REFRESH",
        Database.RIVALS,
        reading(PLAIN_MATVIEWS),
        faster="it is as old as its last REFRESH",
    ),
    Rung(
        PSQL,
        "`artifact_summaries` typed at a psql prompt, its text read back",
        Database.OURS,
        ours.psql,
    ),
    Rung(
        MAPPED,
        "`skillmeat.orm`, a session a request",
        Database.OURS,
        opening_prepared(ours.MappedReader),
    ),
    Rung(
        THIN,
        "`skillmeat.catalogue.artifacts.list_artifacts`, with its total and its cursors",
        Database.OURS,
        ours.thin,
    ),
    Rung(
        EXACT,
        "`select * from artifact_summaries`, prepared",
        Database.OURS,
        reading(OURS),
    ),
    Rung(
        BARE_PAGE,
        "the floor: rows of the table alone, with nothing that belongs to them",
        Database.OURS,
        reading(BARE),
        faster="nothing belongs to them, and counts are the settled ones",
        shows_counts=False,
    ),
)
WITH_IVM: Final = Rung(
    IVM,
    "the same over counts that the extension keeps",
    Database.RIVALS,
    reading(live_joins.IVM),
    faster="it needs no pending counts, because every writer waits for the one before",
)


def rungs(conn: Connection) -> Iterator[Rung]:
    """Those that can run on this server."""
    yield from RUNGS
    if baselines.has_ivm(conn):
        yield WITH_IVM
