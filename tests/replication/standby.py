"""A primary and a standby that replicates it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import LiteralString
from urllib.parse import quote

from psycopg import Connection
from psycopg.rows import TupleRow

import skillmeat
from skillmeat.database.query import Conn
from tests.catalogue.sessions import eventually
from tests.db.sample import restore
from tests.replication.clusters import Cluster, copied, make_data, new_cluster
from tests.replication.replication import catch_up


@dataclass(frozen=True, slots=True)
class PrimaryAndStandby:
    """A primary and a standby, both running."""

    primary: Cluster
    standby: Cluster

    @property
    def url(self) -> str:
        """A URL that names both servers."""
        hosts = quote(f"{self.primary.socket},{self.standby.socket}", safe="")
        return f"postgresql:///postgres?user=postgres&host={hosts}&port=5432,5432"

    def catch_up(self) -> None:
        """Wait until the standby has replayed everything that the primary has committed."""
        with skillmeat.connect(self.primary.url, autocommit=True) as conn:
            catch_up(conn)


@contextmanager
def run_primary_and_standby(
    original: Cluster, *, waited_for: bool = False, **settings: str
) -> Iterator[PrimaryAndStandby]:
    """Yield a copy of a cluster with the sample, and its standby.

    If the standby is `waited_for`, each commit waits until the standby has it.
    """
    with copied(original) as primary, new_cluster(original.binaries) as standby:
        primary.configure(**settings)
        primary.start()
        with skillmeat.connect(primary.url, autocommit=True) as conn:
            restore(conn)
            start_standby(standby, conn, primary=primary, slot="standby")
            if waited_for:
                # Set only on the primary: a promoted standby would wait for a standby of its own.
                conn.execute("alter system set synchronous_standby_names = '*'")
                conn.execute("select pg_reload_conf()")
                eventually(
                    lambda: (
                        conn.execute(
                            "select from pg_stat_replication where sync_state = 'sync'"
                        ).rowcount
                        > 0
                    )
                )
        yield PrimaryAndStandby(primary, standby)


def start_standby(standby: Cluster, conn: Connection, *, primary: Cluster, slot: str) -> None:
    """Make a standby of the primary that `conn` is connected to, and wait until it streams."""
    make_data(standby, primary.identity)
    standby.run(
        "pg_basebackup",
        *("--pgdata", standby.home.data, "--write-recovery-conf", "--no-sync"),
        *("--checkpoint=fast", "--create-slot", f"--slot={slot}"),
        *("--dbname", f"host={primary.socket} port=5432 user=postgres"),
    )
    standby.start()
    eventually(
        lambda: (
            conn.execute(
                "select from pg_stat_replication join pg_replication_slots on active_pid = pid"
                " where state = 'streaming' and slot_name = %s",
                [slot],
            ).rowcount
            > 0
        )
    )


@dataclass(frozen=True, slots=True)
class PrimaryAndStandbys:
    """A primary and its two standbys, all running."""

    primary: Cluster
    standbys: tuple[Cluster, Cluster]

    @property
    def read_url(self) -> str:
        """The URL that names both standbys."""
        hosts = ",".join(each.socket for each in self.standbys)
        return f"postgresql:///postgres?user=postgres&port=5432&host={hosts}"

    @contextmanager
    def paused(self, *standbys: Cluster) -> Iterator[None]:
        """Let these standbys replay nothing during the block."""
        for each in standbys:
            execute(each, "select pg_wal_replay_pause()")
            eventually(partial(_is_paused, each))
        try:
            yield
        finally:
            for each in standbys:
                execute(each, "select pg_wal_replay_resume()")


def _is_paused(cluster: Cluster) -> bool:
    return execute(cluster, "select pg_get_wal_replay_pause_state()") == [("paused",)]


def execute(cluster: Cluster, statement: LiteralString) -> list[TupleRow]:
    """Run a statement on a server, and return its rows."""
    with skillmeat.connect(cluster.url, autocommit=True) as conn:
        return conn.execute(statement).fetchall()


def is_standby(conn: Conn) -> bool:
    """Return whether the server is in recovery."""
    return conn.execute("select pg_is_in_recovery()").fetchone() == (True,)
