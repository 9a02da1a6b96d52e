"""Two servers, a service that names a catalogue on one of them, and clients that write to it."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count, cycle
from pathlib import Path
from threading import Event

import psycopg
import pytest
from psycopg import Connection

import skillmeat
from skillmeat import migration
from skillmeat.errors import SkillMeatError
from skillmeat.settings.services import get_service
from tests.db.oracle import differences
from tests.db.sample import restore
from tests.replication.clusters import Cluster, MadeCluster, copied

SCHEMA = "skillmeat"
SERVICE = "postgresql:///?service=tenant"
# With the other columns of the row, the trigger that counts, settles and logs.
ADD = """
    with added as (
        insert into artifacts (type, name) values ('skill', %(name)s) returning id
    ), versioned as (
        insert into artifact_versions (artifact_id, content_hash) select id, 'new' from added
    )
    insert into collection_artifacts (collection_id, artifact_id) select 'p', id from added
"""
PROBE = "insert into tags (name, slug) values ('probe', 'probe')"
REMOVE = "delete from artifacts where name = %(name)s"
ADDED = "select name from artifacts where name like 'added %'"
# What a move creates, and must not leave behind.
LEFT = """
    select 'slot ' || slot_name from pg_replication_slots
    union all select 'publication ' || pubname from pg_publication
    union all select 'subscription ' || subname from pg_subscription
    union all select 'trigger ' || tgname from pg_trigger where tgname = 'refuse_writes'
    union all select 'function ' || proname from pg_proc where proname = 'refuse_writes'
    union all
    select 'comment' where obj_description(to_regnamespace('skillmeat'), 'pg_namespace') is not null
"""
# None: no server answers; 57P0x: it restarts, or the copy is not writable; 42P01, 3F000 and 23503:
# the new copy has no tables or no rows yet.
EXPLAINED = (None, "57P01", "57P02", "57P03", "42P01", "3F000", "23503")
# Each client thinks between two transactions, and removes what it added this many before: the
# catalogue stays small, so that the time of a move does not grow with the time of the test.
THINK_SECONDS = 0.05
KEPT = 40
DROP = "drop schema if exists skillmeat cascade"


@dataclass(frozen=True, slots=True)
class Servers:
    """Two servers; the catalogue of the service `tenant` is on the first one at the beginning."""

    first: Cluster
    second: Cluster
    file: Path

    @property
    def here(self) -> Cluster:
        """The server that the service names."""
        host = get_service("tenant").parameters["host"]
        return next(each for each in (self.first, self.second) if each.socket == host)

    @property
    def there(self) -> Cluster:
        """The other server."""
        return self.second if self.here is self.first else self.first

    def drop_other_copy(self) -> None:
        """Drop the closed copy, so that the catalogue can move back."""
        migration.downgrade("base", url=self.there.url, schema=SCHEMA)
        with psycopg.connect(self.there.url) as conn:
            (left,) = conn.execute("select to_regnamespace('skillmeat')::text").fetchone() or ("",)
        assert left is None

    def list_left_behind(self) -> list[str]:
        """List what is left of a move on both servers, apart from the fence of the old copy."""
        with connect_to(self.here) as conn, connect_to(self.there) as other:
            found = [left for (left,) in conn.execute(LEFT)]
            closed = [left for (left,) in other.execute(LEFT)]
        return found + [each for each in closed if each.split()[0] not in ("trigger", "function")]


@contextmanager
def serve_tenant(
    original: MadeCluster, versions: tuple[int, int], folder: Path, patch: pytest.MonkeyPatch
) -> Iterator[Servers]:
    """Run both servers, with the sample on the first, and name it in a service file."""
    with copied(original(versions[0])) as first, copied(original(versions[1])) as second:
        for each in (first, second):
            # A copy of a cluster listens in the same folder.
            each.configure(unix_socket_directories=each.socket, listen_addresses="")
            each.start()
        with psycopg.connect(second.url, autocommit=True) as conn:
            conn.execute(DROP)
            conn.execute("drop role skillmeat_app, skillmeat_reader")
        with skillmeat.connect(first.url, autocommit=True) as conn:
            restore(conn)
            conn.execute("select refresh_artifact_summaries()")
        file = folder / "services"
        file.write_text(
            f"[tenant]\nhost={first.socket}\nport=5432\nuser=postgres\ndbname=postgres\n"
            f"options=-c search_path={SCHEMA}\n"
        )
        patch.setenv("PGSERVICEFILE", str(file))
        patch.delenv("SKILLMEAT_DATABASE_URL", raising=False)
        yield Servers(first, second, file)


def connect_to(cluster: Cluster) -> Connection:
    """Connect to the copy on a server, in autocommit."""
    return skillmeat.connect(cluster.url, schema=SCHEMA, autocommit=True)


@dataclass(slots=True)
class Clients:
    """Writers and readers, what was acknowledged to them, and what they must not see."""

    added: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)
    inexact: list[str] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    stop: Event = field(default_factory=Event)

    @contextmanager
    def noting_errors(self) -> Iterator[None]:
        """Note an error that neither a move nor the restart of a server explains."""
        try:
            yield
        except (SkillMeatError, psycopg.Error) as error:
            state = getattr(error, "sqlstate", None)
            if state not in EXPLAINED:
                self.unexpected.append(f"{state} {error}")


@contextmanager
def run_clients(servers: Servers, *, writers: int) -> Iterator[Clients]:
    """Run writers and a reader that follow the service, and one client that tries both copies."""
    clients = Clients()
    names = count()
    both = (servers.first.url, servers.second.url)
    with ThreadPoolExecutor(writers + 2) as pool:
        futures = [pool.submit(_write, clients, names) for _ in range(writers)]
        futures.append(pool.submit(_try_both, clients, both))
        futures.append(pool.submit(_read, clients))
        try:
            yield clients
        finally:
            clients.stop.set()
    for future in futures:
        future.result()


def _write(clients: Clients, names: Iterator[int]) -> None:
    own: deque[str] = deque()
    # It may have moved, or its server restarts.
    while not clients.stop.wait(THINK_SECONDS):
        with clients.noting_errors(), skillmeat.connect(SERVICE, schema=SCHEMA) as conn:
            while not clients.stop.wait(THINK_SECONDS):
                _write_once(clients, names, own, conn)


def _write_once(clients: Clients, names: Iterator[int], own: deque[str], conn: Connection) -> None:
    """Add an artifact, or remove the oldest of many; note it once that is acknowledged."""
    if len(own) < KEPT:
        name = f"added {next(names)}"
        conn.execute(ADD, {"name": name})
        conn.commit()
        own.append(name)
        clients.added.add(name)
    else:
        # Unless it is acknowledged, the artifact may be there or not.
        name = own.popleft()
        clients.added.discard(name)
        found = conn.execute(REMOVE, {"name": name}).rowcount
        conn.commit()
        clients.removed.add(name)
        if not found:
            clients.unexpected.append(f"{name} was not there")


def _try_both(clients: Clients, urls: tuple[str, str]) -> None:
    """Write to both copies in transactions that overlap, and roll back: at most one may accept."""
    while not clients.stop.wait(THINK_SECONDS):
        with (
            clients.noting_errors(),
            skillmeat.connect(urls[0], schema=SCHEMA) as first,
            skillmeat.connect(urls[1], schema=SCHEMA) as second,
        ):
            for one, other in cycle(((first, second), (second, first))):
                if clients.stop.wait(THINK_SECONDS):
                    return
                if accepts(one) and accepts(other):
                    clients.unexpected.append("both copies are writable")
                # Ends both sessions with the block if a server has restarted.
                first.rollback()
                second.rollback()


def accepts(conn: Connection) -> bool:
    """Return whether a copy is writable."""
    try:
        # The move and its migrations lock tables of the new copy.
        conn.execute("set local lock_timeout = '0.2 s'")
        conn.execute(PROBE)
    except psycopg.Error:
        return False
    return True


def _read(clients: Clients) -> None:
    # Seldom: each comparison reads everything.
    while not clients.stop.wait(0.3):
        with clients.noting_errors(), skillmeat.connect(SERVICE, schema=SCHEMA) as conn:
            clients.inexact += differences(conn)
