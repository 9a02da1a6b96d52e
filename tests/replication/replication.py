"""A publisher and a subscriber, as docs/how-to/replicate-logically.md has them made."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from psycopg import Connection

import skillmeat
from tests.catalogue.sessions import eventually
from tests.replication.clusters import Cluster, copied

# Counts travel settled and pending, for no statement trigger fires where they arrive.
CATALOGUE = """
create publication catalogue for table
    artifact_types, artifacts, artifact_versions, tags, artifact_tags,
    collections, collection_artifacts, groups, group_artifacts, project_templates,
    count_changes
"""

# What the publisher's refresh forgets is not yet in the subscriber's snapshot.
CHANGES = """
create publication catalogue_changes for table artifact_changes with (publish = 'insert')
"""

# A TRUNCATE, not a DELETE: it logs that everything has changed, which the initial copy does not.
EMPTIED = """
truncate artifact_types, collections, tags, project_templates, count_changes cascade
"""

SUBSCRIBED = """
create subscription catalogue
connection 'host={host} port=5432 user=postgres dbname=postgres'
publication {publications}
with (synchronous_commit = local)
"""

CAUGHT_UP = """
select from pg_stat_replication where replay_lsn >= %s and state = 'streaming'
"""


@dataclass(frozen=True, slots=True)
class Replicated:
    """Two servers, and a connection to each in autocommit."""

    published: Cluster
    subscribed: Cluster
    publisher: Connection
    subscriber: Connection

    def catch_up(self) -> None:
        """Return once the subscriber has applied all that the publisher has committed."""
        catch_up(self.publisher)


def catch_up(conn: Connection) -> None:
    """Wait until every standby and subscriber of the server has replayed all that is committed."""
    (position,) = conn.execute("select pg_current_wal_flush_lsn()").fetchone() or (None,)
    eventually(lambda: conn.execute(CAUGHT_UP, (position,)).rowcount > 0)


def subscribe(pair: Replicated, *publications: str) -> None:
    """Subscribe the emptied subscriber, and return once all is copied."""
    pair.subscriber.execute(EMPTIED)
    pair.subscriber.execute(
        SUBSCRIBED.format(host=pair.published.socket, publications=", ".join(publications))
    )
    unfinished = "select from pg_subscription_rel where srsubstate <> 'r'"
    eventually(lambda: pair.subscriber.execute(unfinished).rowcount == 0)


@contextmanager
def two_servers(publisher: Cluster, subscriber: Cluster) -> Iterator[Replicated]:
    """Copies of two clusters, both of them running."""
    with copied(publisher) as one, copied(subscriber) as two:
        one.start()
        two.start()
        with (
            skillmeat.connect(one.url, autocommit=True) as there,
            skillmeat.connect(two.url, autocommit=True) as here,
        ):
            yield Replicated(one, two, there, here)
            here.execute("drop subscription if exists catalogue")
