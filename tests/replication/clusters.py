"""Clusters that tests copy, upgrade, replicate and promote; each has its own root.

The roots are those of temporary servers, so the next run removes the files of a killed run.
"""

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from psycopg import Connection

from skillmeat import migration
from skillmeat.embedded import stop
from skillmeat.embedded.binaries import find_binaries, get_major_version
from skillmeat.embedded.control import start_process
from skillmeat.embedded.initdb import get_server_environment
from skillmeat.embedded.os_user import OsUser, choose_os_user
from skillmeat.embedded.paths import ServerPaths
from skillmeat.embedded.status import get_running_url
from skillmeat.embedded.temporary import NOT_DURABLE, kill_server, temporary_root

SETTINGS: Mapping[str, str] = {
    **NOT_DURABLE,
    "synchronous_commit": "on",
    "shared_buffers": "16MB",
    "max_connections": "40",
    "wal_level": "logical",
    "max_worker_processes": "24",
    "max_logical_replication_workers": "16",
    "max_sync_workers_per_subscription": "8",
    "wal_retrieve_retry_interval": "50ms",
    "jit": "off",
}
_INITDB = (
    *("--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C"),
    *("--no-sync", "--wal-segsize=1"),
)
_DEBIAN = Path("/usr/lib/postgresql")


def binaries_of(major: int) -> Path | None:
    """Return the folder of the programs of a major version, or None if they are not installed."""
    for place in (find_binaries(), _DEBIAN / str(major) / "bin"):
        if (place / "initdb").is_file() and get_major_version(place) == major:
            return place
    return None


@dataclass(slots=True)
class Cluster:
    """A cluster under `home`, run by the programs in `binaries`."""

    home: ServerPaths
    binaries: Path
    _process: subprocess.Popen[bytes] | None = None

    @property
    def identity(self) -> OsUser:
        """The operating system user that runs it."""
        return choose_os_user(self.home.root, self.home.data, self.binaries)

    @property
    def url(self) -> str:
        """Its URL while it runs."""
        url = get_running_url(self.home)
        assert url is not None
        return url

    @property
    def socket(self) -> str:
        """The directory of its socket, as a host of libpq."""
        return str(self.home.socket.resolve())

    def start(self) -> None:
        """Start the cluster; it ends with this process."""
        self._process = start_process(
            self.home, binaries=self.binaries, settings={}, ends_with_parent=True
        )

    def stop(self) -> None:
        """Stop it cleanly: the server first sends all changes to standbys and subscribers."""
        stop(self.home.root)
        self._reap()

    def kill(self) -> None:
        """Kill it without a clean shutdown, if it runs."""
        kill_server(self.home)
        self._reap()

    def configure(self, **settings: str) -> None:
        """Add settings for the next start."""
        with (self.home.data / "postgresql.conf").open("a") as configuration:
            configuration.writelines(f"{name} = '{value}'\n" for name, value in settings.items())

    def run(self, program: str, *arguments: object) -> str:
        """Run one of its programs in a folder that its user owns, and return the output."""
        folder = self.home.root / "work"
        if not folder.exists():
            folder.mkdir(mode=0o700)
            self.identity.chown(folder)
        return run_as(self.identity, folder, self.binaries / program, *arguments)

    def _reap(self) -> None:
        if self._process is not None:
            self._process.wait()
            self._process = None


MadeCluster = Callable[..., Cluster]


def run_as(identity: OsUser, folder: Path, *command: object) -> str:
    """Run a command in a folder as PostgreSQL's user, and return its output."""
    ran = subprocess.run(
        [*identity.prefix, *map(str, command)],
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=folder,
        env=get_server_environment(),
        user=identity.user,
        group=identity.group,
        extra_groups=identity.extra_groups,
    )
    assert ran.returncode == 0, ran.stdout
    return ran.stdout


@contextmanager
def new_cluster(binaries: Path) -> Iterator[Cluster]:
    """Yield a cluster without a data directory, and kill its server after the block."""
    with temporary_root() as paths:
        cluster = Cluster(paths, binaries)
        try:
            yield cluster
        finally:
            cluster.kill()


def initdb(cluster: Cluster, *options: str) -> None:
    """Create an empty cluster."""
    identity = choose_os_user(cluster.home.root, cluster.home.data, cluster.binaries)
    make_data(cluster, identity)
    run_as(
        identity,
        cluster.home.data,
        *(cluster.binaries / "initdb", "--pgdata", cluster.home.data),
        *(*_INITDB, *options),
    )
    cluster.configure(**SETTINGS)


def make_data(cluster: Cluster, identity: OsUser) -> None:
    """Create an empty data directory that PostgreSQL's user owns."""
    cluster.home.data.mkdir(mode=0o700)
    identity.chown(cluster.home.data)


def drop_vendor_options(conn: Connection) -> None:
    """Drop the column options of some builds of 15 (`pg_attver`), which other servers refuse."""
    conn.execute("""
        update pg_attribute
        set attoptions = nullif(array(
            select option from unnest(attoptions) as option where option not like 'pg_attver=%'
        ), '{}')
        where array_to_string(attoptions, ',') like '%pg_attver=%'
    """)


@contextmanager
def copied(original: Cluster) -> Iterator[Cluster]:
    """Yield a copy of a stopped cluster."""
    with new_cluster(original.binaries) as cluster:
        source, target = original.home.data, cluster.home.data
        subprocess.run(["cp", "-a", source, target], check=True)  # noqa: S607
        yield cluster


@pytest.fixture(scope="session")
def major() -> int:
    """Return the major version under test: of POSTGRES if it names binaries, else the embedded."""
    chosen = Path(os.environ.get("POSTGRES", ""))
    return get_major_version(chosen if (chosen / "postgres").is_file() else find_binaries())


@pytest.fixture(scope="session")
def original() -> Iterator[MadeCluster]:
    """Yield a function that returns a stopped cluster of a version with an empty catalogue.

    A cluster `of_its_own` is migrated separately, so its catalogue has drawn other random values.
    """
    made: dict[tuple[int, bool], Cluster] = {}
    with ExitStack() as rooms:

        def of(version: int, *, of_its_own: bool = False) -> Cluster:
            wanted = version, of_its_own
            if wanted not in made:
                binaries = binaries_of(version)
                if binaries is None:
                    pytest.skip(f"needs PostgreSQL {version}: install postgresql-{version}")
                cluster = rooms.enter_context(new_cluster(binaries))
                initdb(cluster)
                cluster.start()
                migration.upgrade(url=cluster.url)
                cluster.stop()
                made[wanted] = cluster
            return made[wanted]

        yield of
