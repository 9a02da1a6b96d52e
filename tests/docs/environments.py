"""The environments that pages state, each under the name that their comment gives it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from skillmeat.embedded import find_binaries, stop
from tests.cli.commands import run
from tests.conftest import database
from tests.docs.blocks import ROOT
from tests.docs.readers import (
    copied_checkout,
    environment_of,
    folder_of,
    programs_of,
    skillmeat_home,
)
from tests.docs.sessions import Environment
from tests.dump_restore.programs import programs_for
from tests.replication.bouncer import program, run_pgbouncer
from tests.replication.clusters import (
    Cluster,
    MadeCluster,
    copied,
    drop_vendor_options,
    make_data,
    new_cluster,
)

OLD, NEW = 15, 18


@dataclass(frozen=True, slots=True)
class Servers:
    """The servers and templates that environments use."""

    url: str
    template: str
    sample: str
    original: MadeCluster
    major: int

    @contextmanager
    def running(self, *, of_its_own: bool = False) -> Iterator[Cluster]:
        """Run a cluster with an empty catalogue, which only the page uses."""
        with copied(self.original(self.major, of_its_own=of_its_own)) as cluster:
            # A copy of it listens in the same folder.
            cluster.configure(unix_socket_directories=cluster.socket, listen_addresses="")
            cluster.start()
            yield cluster


Provider = Callable[[Servers], AbstractContextManager[Environment]]


@contextmanager
def checkout(_servers: Servers) -> Iterator[Environment]:
    """Yield a fresh checkout of a new user, without a server and without data."""
    with folder_of() as folder:
        data = folder / "data"
        try:
            yield environment_of(folder, find_binaries(), SKILLMEAT_DATA_DIR=str(data))
        finally:
            stop(data)


@contextmanager
def contributors_checkout(_servers: Servers) -> Iterator[Environment]:
    """Yield a copy of this checkout, which commands may change."""
    with copied_checkout() as folder:
        yield environment_of(folder, find_binaries(), PYTHONPATH=str(folder))


@contextmanager
def embedded_catalogue(servers: Servers) -> Iterator[Environment]:
    """Yield a checkout with an empty catalogue on the embedded server."""
    with checkout(servers) as environment:
        _command("migrate", "up", SKILLMEAT_DATA_DIR=environment.variables["SKILLMEAT_DATA_DIR"])
        yield environment


@contextmanager
def skillmeat_user(servers: Servers) -> Iterator[Environment]:
    """Yield a checkout, a home of SkillMeat, and an empty database."""
    with empty_database(servers) as environment:
        skillmeat_home(environment.folder / ".skillmeat")
        yield environment


@contextmanager
def sample_catalogue(servers: Servers) -> Iterator[Environment]:
    """Yield a refreshed catalogue with examples/marketplace on the server under test."""
    with database(servers.url, template=servers.sample) as url, folder_of() as folder:
        yield environment_of(folder, programs_for(url).folder, SKILLMEAT_DATABASE_URL=url)


@contextmanager
def empty_database(servers: Servers) -> Iterator[Environment]:
    """Yield a database of the server under test without a schema."""
    with database(servers.url) as url, folder_of() as folder:
        yield environment_of(folder, programs_for(url).folder, SKILLMEAT_DATABASE_URL=url)


@contextmanager
def service_file(servers: Servers) -> Iterator[Environment]:
    """Yield an empty database at $SERVER, and a service file that is yet to be written."""
    with database(servers.url) as url, folder_of() as folder:
        file = folder / "pg_service.conf"
        programs = programs_for(url).folder
        yield environment_of(folder, programs, PGSERVICEFILE=str(file), SERVER=url)


@contextmanager
def own_server(servers: Servers) -> Iterator[Environment]:
    """Yield a server that no other test uses, with the sample catalogue."""
    with servers.running() as server, folder_of(server) as folder:
        import_sample(server.url)
        yield environment_of(folder, server.binaries, SKILLMEAT_DATABASE_URL=server.url)


@contextmanager
def two_databases(servers: Servers) -> Iterator[Environment]:
    """Yield the sample catalogue at $OLD, and an empty database on another server at $NEW."""
    with servers.running() as old, servers.running() as new, folder_of(old) as folder:
        import_sample(old.url)
        with psycopg.connect(new.url, autocommit=True) as conn:
            conn.execute("drop schema skillmeat cascade")
            conn.execute("drop role skillmeat_app, skillmeat_reader")
        yield environment_of(folder, old.binaries, OLD=old.url, NEW=new.url)


@contextmanager
def two_major_versions(servers: Servers) -> Iterator[Environment]:
    """Yield a stopped cluster of PostgreSQL 15 with the sample, and the programs of 18."""
    with copied(servers.original(OLD)) as old, new_cluster(servers.original(NEW).binaries) as new:
        # As initdb makes a cluster; those of the tests are smaller.
        old.run("pg_resetwal", "--wal-segsize=16", "--pgdata", old.home.data)
        old.configure(
            min_wal_size="80MB",
            max_wal_size="1GB",
            unix_socket_directories=old.socket,
            listen_addresses="",
        )
        old.start()
        url = old.url
        import_sample(url)
        with psycopg.connect(url, autocommit=True) as conn:
            drop_vendor_options(conn)
        old.stop()
        new.identity.chown(new.home.root)
        with folder_of(old) as folder:
            yield environment_of(
                folder,
                new.binaries,
                OLD_BIN=str(programs_of(old, folder)),
                NEW_BIN=str(programs_of(new, folder)),
                OLD_DATA=str(old.home.data),
                NEW_DATA=str(new.home.data),
                SKILLMEAT_DATABASE_URL=url,
            )


@contextmanager
def primary(servers: Servers) -> Iterator[Environment]:
    """Yield a primary with the sample, and an empty folder for its standby."""
    with servers.running() as server, new_cluster(server.binaries) as standby:
        import_sample(server.url)
        make_data(standby, standby.identity)
        with folder_of(server) as folder:
            archive = folder / "archive"
            archive.mkdir()
            server.identity.chown(archive)
            yield environment_of(
                folder,
                programs_of(server, folder),
                ARCHIVE=str(archive),
                PRIMARY=server.url,
                PRIMARY_DATA=str(server.home.data),
                STANDBY=f"{server.url}&port=5433",
                STANDBY_DATA=str(standby.home.data),
            )


@contextmanager
def publisher_and_subscriber(servers: Servers) -> Iterator[Environment]:
    """Yield two servers with migrated catalogues; the publisher's holds the sample."""
    with (
        servers.running() as publisher,
        servers.running(of_its_own=True) as subscriber,
        folder_of(publisher) as folder,
    ):
        import_sample(publisher.url)
        yield environment_of(
            folder,
            publisher.binaries,
            PUBLISHER=publisher.url,
            SUBSCRIBER=subscriber.url,
        )


@contextmanager
def service_and_new_server(servers: Servers) -> Iterator[Environment]:
    """Yield a service of the sample catalogue, and an empty database on another server at $NEW."""
    with two_databases(servers) as environment:
        file = environment.folder / "pg_service.conf"
        target = conninfo_to_dict(environment.variables["OLD"])
        lines = [f"{key}={value}\n" for key, value in target.items()]
        file.write_text("".join(["[tenant]\n", *lines, "options=-c search_path=skillmeat\n"]))
        variables = {**environment.variables, "PGSERVICEFILE": str(file)}
        yield Environment(variables, environment.folder)


@contextmanager
def pgbouncer(servers: Servers) -> Iterator[Environment]:
    """Yield a server with the sample and a role `web`, behind PgBouncer."""
    bouncer = program()
    if bouncer is None:
        pytest.skip("pgbouncer is not installed here")
    with servers.running() as server, folder_of(server) as folder:
        import_sample(server.url)
        with psycopg.connect(server.url, autocommit=True) as conn:
            conn.execute("create role web login; grant skillmeat_app to web")
        ignored = "ignore_startup_parameters = options\n"
        with run_pgbouncer(server, bouncer, extra=ignored) as pool:
            yield environment_of(
                folder,
                server.binaries,
                POOL_URL=pool,
                SKILLMEAT_DATABASE_URL=server.url,
            )


ENVIRONMENTS: dict[str, Provider] = {
    "checkout": checkout,
    "contributor's checkout": contributors_checkout,
    "embedded catalogue": embedded_catalogue,
    "SkillMeat user": skillmeat_user,
    "sample catalogue": sample_catalogue,
    "empty database": empty_database,
    "service file": service_file,
    "server of its own": own_server,
    "two databases": two_databases,
    "two major versions": two_major_versions,
    "primary": primary,
    "publisher and subscriber": publisher_and_subscriber,
    "service and new server": service_and_new_server,
    "PgBouncer": pgbouncer,
}


def import_sample(url: str) -> None:
    """Import the sample marketplace into the catalogue at `url`, and refresh."""
    _command("import", str(ROOT / "examples" / "marketplace"), SKILLMEAT_DATABASE_URL=url)
    _command("refresh", SKILLMEAT_DATABASE_URL=url)


def _command(*arguments: str, **variables: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("SKILLMEAT_DATABASE_URL", raising=False)
        for name, value in variables.items():
            patch.setenv(name, value)
        ran = run(*arguments)
        assert ran.code == 0, ran.err
