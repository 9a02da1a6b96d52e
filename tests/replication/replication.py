"""A publisher and a subscriber of one catalogue, as in docs/how-to/replicate-logically.md."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from psycopg import Connection

import skillmeat
from skillmeat.moving import list_copied_tables
from tests.catalogue.sessions import eventually
from tests.replication.clusters import Cluster, copied

# Settled and pending counts are both replicated: no statement trigger fires in a subscriber.
CATALOGUE = f"create publication catalogue for table {', '.join(list_copied_tables())}"

# Deletes are not published: the publisher's refresh deletes changes that the subscriber's snapshot
# does not have yet.
CHANGES = """
create publication catalogue_changes for table artifact_changes with (publish = 'insert')
"""

# A TRUNCATE, not a DELETE: it logs that everything has changed, and the initial copy does not.
EMPTIED = """
truncate artifact_types, collections, tags, project_templates, sources, count_changes, api_tokens
cascade
"""

SUBSCRIBED = """
create subscription catalogue
connection 'host={host} port=5432 user=postgres dbname=postgres'
publication {publications}
with (synchronous_commit = local)
"""

CAUGHT_UP = """
select
from pg_stat_replication
having bool_and(coalesce(replay_lsn >= %s, false) and state = 'streaming')
"""


@dataclass(frozen=True, slots=True)
class PublisherAndSubscriber:
    """Two servers, and a connection to each in autocommit."""

    published: Cluster
    subscribed: Cluster
    publisher: Connection
    subscriber: Connection

    def catch_up(self) -> None:
        """Wait until the subscriber has applied everything that the publisher has committed."""
        catch_up(self.publisher)


def catch_up(conn: Connection) -> None:
    """Wait until every standby and subscriber has replayed everything that is committed."""
    (position,) = conn.execute("select pg_current_wal_flush_lsn()").fetchone() or (None,)
    eventually(lambda: conn.execute(CAUGHT_UP, (position,)).rowcount > 0)


def subscribe(pair: PublisherAndSubscriber, *publications: str) -> None:
    """Empty the subscriber, subscribe it, and wait until the initial copy is complete."""
    pair.subscriber.execute(EMPTIED)
    pair.subscriber.execute(
        SUBSCRIBED.format(host=pair.published.socket, publications=", ".join(publications))
    )
    unfinished = "select from pg_subscription_rel where srsubstate <> 'r'"
    eventually(lambda: pair.subscriber.execute(unfinished).rowcount == 0)


@contextmanager
def two_servers(publisher: Cluster, subscriber: Cluster) -> Iterator[PublisherAndSubscriber]:
    """Yield running copies of two clusters."""
    with copied(publisher) as one, copied(subscriber) as two:
        one.start()
        two.start()
        with (
            skillmeat.connect(one.url, autocommit=True) as there,
            skillmeat.connect(two.url, autocommit=True) as here,
        ):
            yield PublisherAndSubscriber(one, two, there, here)
            here.execute("drop subscription if exists catalogue")
