"""A primary, and a standby that follows it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote

import skillmeat
from tests.catalogue.sessions import eventually
from tests.db.sample import restore
from tests.replication.clusters import Cluster, copied, make_data, room
from tests.replication.replication import catch_up


@dataclass(frozen=True, slots=True)
class Followed:
    """Both of them, running."""

    primary: Cluster
    standby: Cluster

    @property
    def url(self) -> str:
        """A URL that names both."""
        hosts = quote(f"{self.primary.socket},{self.standby.socket}", safe="")
        return f"postgresql:///postgres?user=postgres&host={hosts}&port=5432,5432"

    def catch_up(self) -> None:
        """Return once the standby has replayed all that the primary has committed."""
        with skillmeat.connect(self.primary.url, autocommit=True) as conn:
            catch_up(conn)


@contextmanager
def followed(original: Cluster, *, waited_for: bool = False, **settings: str) -> Iterator[Followed]:
    """A copy of a cluster that holds the sample, and its standby, which commits may wait for."""
    with copied(original) as primary, room(original.binaries) as standby:
        primary.configure(**settings)
        primary.start()
        with skillmeat.connect(primary.url, autocommit=True) as conn:
            restore(conn)
            identity = primary.identity
            make_data(standby, identity)
            standby.run(
                "pg_basebackup",
                *("--pgdata", standby.home.data, "--write-recovery-conf", "--no-sync"),
                *("--checkpoint=fast", "--create-slot", "--slot=standby"),
                *("--dbname", f"host={primary.socket} port=5432 user=postgres"),
            )
            standby.start()
            eventually(
                lambda: (
                    conn.execute(
                        "select from pg_stat_replication where state = 'streaming'"
                    ).rowcount
                    > 0
                )
            )
            if waited_for:
                # Where the standby has it not: promoted, it would wait for one of its own.
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
        yield Followed(primary, standby)
