"""A pgbouncer in transaction mode, if the program is installed."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from skillmeat.embedded.temporary import choose_base
from tests.catalogue.sessions import eventually
from tests.replication.clusters import Cluster

CONFIGURATION = """
[databases]
postgres = host={server} port=5432

[pgbouncer]
unix_socket_dir = {folder}
listen_port = 6432
auth_type = trust
auth_file = {folder}/users
pool_mode = transaction
default_pool_size = 2
"""

# On Linux the kernel ends pgbouncer with this process, like the servers.
_TIED = ("setpriv", "--pdeathsig=TERM")


def program() -> str | None:
    """Return the path of pgbouncer, or None; Debian's folder is only on root's PATH."""
    return shutil.which("pgbouncer") or shutil.which("/usr/sbin/pgbouncer")


def _listens(path: Path) -> bool:
    """Return whether a program listens at the socket: it makes the file before."""
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(str(path)) == 0


@contextmanager
def run_pgbouncer(cluster: Cluster, found: str, *, extra: str = "") -> Iterator[str]:
    """Yield the URL of the role `web` through a pgbouncer with two sessions of the server."""
    identity = cluster.identity
    with TemporaryDirectory(prefix="skillmeat-bouncer-", dir=choose_base()) as name:
        folder = Path(name)
        identity.chown(folder)
        (folder / "users").write_text('"web" ""\n')
        (folder / "configuration").write_text(
            CONFIGURATION.format(server=cluster.socket, folder=folder) + extra
        )
        for each in folder.iterdir():
            identity.chown(each)
        tied = _TIED if shutil.which(_TIED[0]) else ()
        process = subprocess.Popen(
            [*identity.prefix, *tied, found, folder / "configuration"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            user=identity.user,
            group=identity.group,
            extra_groups=identity.extra_groups,
        )
        try:
            eventually(lambda: _listens(folder / ".s.PGSQL.6432"))
            yield f"postgresql://web@/postgres?host={folder}&port=6432"
        finally:
            process.terminate()
            process.wait()
