"""Who keeps the counts."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from psycopg import Connection

from benchmarks import baselines


@dataclass(frozen=True, slots=True)
class Variant:
    """A way to keep counts, in a database of its own."""

    name: str
    database: str
    how: str
    installs: tuple[str, ...]
    """The files of `rivals` that make it from the migrated catalogue."""


UNCOUNTED: Final = "no trigger"
ROW: Final = "row trigger"
STATEMENT: Final = "ordered statement trigger"
LEDGER: Final = "append-only ledger"
SUMMARY: Final = "summary table"
UNLOGGED: Final = "ours, without its change log"
OURS: Final = "ours"
IVM: Final = "pg_ivm"

VARIANTS: Final = (
    Variant(
        UNCOUNTED,
        "uncounted",
        "the floor: keys, foreign keys and what a move does to groups; nobody counts",
        ("without_counts_and_log",),
    ),
    Variant(
        ROW,
        "row_trigger",
        "each row updates its collection's counter",
        ("without_counts_and_log", "row_trigger"),
    ),
    Variant(
        STATEMENT,
        "statement_trigger",
        "each statement locks its collections in order, and updates each once",
        ("without_counts_and_log", "ordered_statement_trigger"),
    ),
    Variant(
        LEDGER,
        "ledger",
        "each statement appends its deltas; readers sum, and nobody folds",
        ("without_counts_and_log", "ledger"),
    ),
    Variant(
        SUMMARY,
        "summary_table",
        "the row trigger, and row triggers that write the rows of pages anew",
        ("without_counts_and_log", "row_trigger", "summary_table"),
    ),
    Variant(
        UNLOGGED,
        "unlogged",
        "exact counts alone",
        ("without_log",),
    ),
    Variant(OURS, "ours", "exact counts and exact pages", ()),
)
WITH_IVM: Final = Variant(
    IVM,
    "ivm",
    "the extension keeps the counts",
    ("without_counts_and_log", "ivm"),
)


def variants(conn: Connection) -> Iterator[Variant]:
    """Those that can run on this server."""
    yield from VARIANTS
    if baselines.has_ivm(conn):
        yield WITH_IVM
