"""The ways to keep counts, each in a database that is reset before each run."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Final

from psycopg import Connection
from psycopg.sql import SQL, Literal

from benchmarks import server
from benchmarks.writes.workloads import COLLECTIONS
from skillmeat import connect, migration


@dataclass(frozen=True, slots=True)
class Variant:
    """A way to keep counts, in a database of its own."""

    name: str
    database: str
    description: str
    installs: tuple[str, ...]
    """The files of `baselines/` to install in the migrated catalogue."""


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
        "the lower bound: keys, foreign keys and the triggers for groups; no count",
        ("without_counts_and_log",),
    ),
    Variant(
        ROW,
        "row_trigger",
        "a trigger updates the collection's counter for each row",
        ("without_counts_and_log", "row_trigger"),
    ),
    Variant(
        STATEMENT,
        "statement_trigger",
        "a trigger locks the statement's collections in order, and updates each of them once",
        ("without_counts_and_log", "ordered_statement_trigger"),
    ),
    Variant(
        LEDGER,
        "ledger",
        "a trigger appends the statement's deltas to a ledger; readers sum the ledger",
        ("without_counts_and_log", "ledger"),
    ),
    Variant(
        SUMMARY,
        "summary_table",
        "the row trigger, and row triggers that rewrite the rows of pages",
        ("without_counts_and_log", "row_trigger", "summary_table"),
    ),
    Variant(
        UNLOGGED,
        "unlogged",
        "exact counts only",
        (server.COUNTS_ALONE,),
    ),
    Variant(OURS, "ours", "exact counts and exact pages", ()),
)
WITH_IVM: Final = Variant(
    IVM,
    "ivm",
    "the extension keeps the counts",
    ("without_counts_and_log", "ivm"),
)


def list_variants(conn: Connection) -> Iterator[Variant]:
    """Yield the variants that can run on this server."""
    yield from VARIANTS
    if server.has_ivm(conn):
        yield WITH_IVM


TEMPLATE: Final = "skillmeat_bench_writes"

FILL: Final = """
    create sequence turn;
    insert into collections (id, name) values ('default', 'default');
    insert into collections (id, name)
    select 'c' || i, 'collection ' || i from generate_series(1, {collections}) as i;
    insert into artifacts (type, name)
    select 'skill', 'a' || i from generate_series(1, {artifacts}) as i;
    select refresh_artifact_summaries();
"""

# With triggers off: every variant starts from the same state, whatever its triggers cost.
EMPTY: Final = """
    set session_replication_role = replica;
    truncate collection_artifacts, group_artifacts, count_changes, artifact_changes;
    update collections set artifact_count = 0 where artifact_count <> 0;
    select setval('turn', 1, false);
"""
MEMBERS: Final = """
    insert into collection_artifacts (collection_id, artifact_id)
    select 'default', id from artifacts;
    update collections
    set artifact_count = (select count(*) from artifacts)
    where id = 'default';
"""

LEDGER_EMPTY: Final = "truncate ledger;"
LEDGER_MEMBERS: Final = "insert into ledger select 'default', count(*) from artifacts;"


@contextmanager
def open_databases(
    url: str, variants: Iterable[Variant], *, artifacts: int
) -> Iterator[dict[str, "VariantDatabase"]]:
    """Yield a database for each variant, by name, without memberships; drop all after the block."""
    with ExitStack() as stack:
        template = stack.enter_context(server.create_database(url, TEMPLATE))
        migration.upgrade(url=template)
        with connect(template, autocommit=True) as conn:
            fill(conn, artifacts)
        built = {}
        for each in variants:
            name = f"{TEMPLATE}_{each.database}"
            own = stack.enter_context(server.create_database(url, name, template=TEMPLATE))
            conn = stack.enter_context(connect(own, autocommit=True))
            server.install_baselines(conn, *each.installs)
            conn.execute("vacuum analyze")
            built[each.name] = VariantDatabase(own, each, artifacts, conn)
        yield built


def fill(conn: Connection, artifacts: int) -> None:
    """Add artifacts and collections to an empty catalogue, and no memberships."""
    conn.execute(SQL(FILL).format(artifacts=Literal(artifacts), collections=Literal(COLLECTIONS)))


@dataclass(frozen=True, slots=True)
class VariantDatabase:
    """A variant's database and a session in it, in autocommit."""

    url: str
    variant: Variant
    artifacts: int
    conn: Connection

    def reset(self, *, with_members: bool) -> None:
        """Go back to the beginning: no memberships, or half of the artifacts in `default`."""
        is_ledger = self.variant.name == LEDGER
        steps = [EMPTY, LEDGER_EMPTY if is_ledger else ""]
        if with_members:
            steps += [MEMBERS, LEDGER_MEMBERS if is_ledger else ""]
        steps.append("reset session_replication_role;")
        members = Literal(self.artifacts // 2)
        self.conn.execute(SQL("".join(steps)).format(members=members))
        self.conn.execute("vacuum analyze collections, collection_artifacts")
        self.conn.execute("checkpoint")

    def count_drift(self) -> int:
        """Return how many of our counts differ from COUNT(*)."""
        if self.variant.name not in {OURS, UNLOGGED}:
            return 0
        row = self.conn.execute("select count(*) from count_drift").fetchone()
        assert row is not None  # noqa: S101 - an aggregate has its row
        return int(row[0])

    def read_wal_position(self) -> int:
        """Return how many bytes of WAL the server has written."""
        row = self.conn.execute("select pg_current_wal_insert_lsn() - '0/0'").fetchone()
        assert row is not None  # noqa: S101 - a function has its row
        return int(row[0])
