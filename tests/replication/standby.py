"""A primary and a standby that replicates it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote

from psycopg import Connection

import skillmeat
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
