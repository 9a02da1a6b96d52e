"""What a page of artifacts costs at present, and which way it is read."""

from dataclasses import dataclass
from typing import Final

from skillmeat.query import Conn, one_row, scalar


@dataclass(frozen=True, slots=True)
class Bypass:
    """Why pages are read live instead of from the snapshot and its changes, if any of it is so.

    A statement changed too much to list; so much has gathered that merging would cost more; the
    snapshot is not the one that the last refresh left.
    """

    is_outdated: bool
    is_crowded: bool
    is_replaced: bool


BYPASS: Final = "select * from snapshot_bypass"


def bypass(conn: Conn) -> Bypass:
    """Ask whether pages do without the snapshot, and why."""
    found = one_row(conn, Bypass, BYPASS, {})
    assert found is not None  # noqa: S101 - the view is one row
    return found


@dataclass(frozen=True, slots=True)
class PageCost:
    """What the first page of fifty took; planning comes on top where it is not prepared.

    Of the `buffers`, 8 kB each, `buffers_read` were not in the server's cache.
    """

    milliseconds: float
    planning_milliseconds: float
    buffers: int
    buffers_read: int


PAGE_COST: Final = """
    explain (analyze, buffers, timing off, format json)
    select * from artifact_summaries order by id limit 50
"""


def page_cost(conn: Conn) -> PageCost:
    """Read the first page of fifty and say what it took. Raises `NotPopulated`."""
    (explained,) = scalar(conn, PAGE_COST, {})
    read = explained["Plan"]["Shared Read Blocks"]
    return PageCost(
        milliseconds=explained["Execution Time"],
        planning_milliseconds=explained["Planning Time"],
        buffers=explained["Plan"]["Shared Hit Blocks"] + read,
        buffers_read=read,
    )
