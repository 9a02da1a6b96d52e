"""Measure a catalogue: how many rows it holds, and what a page of artifacts costs."""

from dataclasses import dataclass
from typing import Final

from psycopg.sql import SQL

from skillmeat.database.query import Conn, build_columns, fetch_one, fetch_scalar


@dataclass(frozen=True, slots=True)
class Totals:
    """The numbers of rows; `pending` is the number of counts that are not settled yet."""

    artifacts: int
    collections: int
    memberships: int
    groups: int
    tags: int
    pending: int


TOTALS: Final = """
    select
        (select coalesce(sum(artifact_count), 0) from artifact_type_summaries)::bigint as artifacts,
        (select count(*) from collection_summaries) as collections,
        (select coalesce(sum(artifact_count), 0) from collection_summaries)::bigint as memberships,
        (select coalesce(sum(group_count), 0) from collection_summaries)::bigint as groups,
        (select count(*) from tag_summaries) as tags,
        pending_counts() as pending
"""


def get_totals(conn: Conn) -> Totals:
    """Read the totals of the catalogue from its counters."""
    return fetch_one(conn, Totals, TOTALS, {})


@dataclass(frozen=True, slots=True)
class SnapshotBypass:
    """The reasons to read pages live instead of merging the snapshot with its changes.

    `everything_changed`: a statement changed too much to list. `has_too_many_changes`: merging the
    gathered changes would cost more. `is_replaced`: the snapshot is not the last refresh's.
    """

    everything_changed: bool
    has_too_many_changes: bool
    is_replaced: bool


SNAPSHOT_BYPASS: Final = SQL("select {} from snapshot_bypass").format(build_columns(SnapshotBypass))


def get_snapshot_bypass(conn: Conn) -> SnapshotBypass:
    """Read whether pages bypass the snapshot, and why."""
    return fetch_one(conn, SnapshotBypass, SNAPSHOT_BYPASS, {})


@dataclass(frozen=True, slots=True)
class PageCost:
    """The cost of the first fifty artifacts; planning is extra unless the statement is prepared.

    `buffers` are blocks of 8 kB; `buffers_read` of them were not in the server's cache.
    """

    milliseconds: float
    planning_milliseconds: float
    buffers: int
    buffers_read: int


PAGE_COST: Final = """
    explain (analyze, buffers, timing off, format json)
    select * from artifact_summaries order by id limit 50
"""


def measure_page_cost(conn: Conn) -> PageCost:
    """Read the first fifty artifacts and measure the cost. Raises `NotPopulated`."""
    (explained,) = fetch_scalar(conn, PAGE_COST, {})
    read = explained["Plan"]["Shared Read Blocks"]
    return PageCost(
        milliseconds=explained["Execution Time"],
        planning_milliseconds=explained["Planning Time"],
        buffers=explained["Plan"]["Shared Hit Blocks"] + read,
        buffers_read=read,
    )
