"""Starting the postmaster so that it belongs to nobody's terminal, pipe or session."""

import os
import shutil
import subprocess
from pathlib import Path

from skillmeat.embedded.initdb import server_environment
from skillmeat.embedded.log import open_log
from skillmeat.embedded.os_user import Identity
from skillmeat.embedded.paths import Home
from skillmeat.embedded.processes import disarm_stale_pid
from skillmeat.embedded.sockets import SOCKET_NAME, make_socket_directory
from skillmeat.embedded.urls import PORT

# The shell leaves at once, so the server is init's child and nobody of ours has to wait for it.
_DETACHED = ("sh", "-c", '"$@" &', "sh")

# On Linux the kernel ends a tied server with its parent; elsewhere the next sweep does.
_TIED = ("setpriv", "--pdeathsig=QUIT")


def launch(
    home: Home,
    binaries: Path,
    identity: Identity,
    *,
    alive: int,
    tied: bool,
) -> subprocess.Popen[bytes]:
    """Start the postmaster, which holds the open file `alive` and nothing else that is ours.

    The caller holds the locks of the starting and of the living. Returns the server where it is
    `tied`, else the process that let go of it.
    """
    before = (_TIED if shutil.which(_TIED[0]) else ()) if tied else _DETACHED
    directory = make_socket_directory(home, identity)
    disarm_stale_pid(home.data)
    # The lock of the living is ours, so whatever pid this file names is a stranger's.
    (directory / f"{SOCKET_NAME}.lock").unlink(missing_ok=True)
    log = open_log(home.log)
    try:
        process = subprocess.Popen(
            [*identity.prefix, *before, binaries / "postgres", *_options(home, directory)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=(alive,),
            start_new_session=True,
            cwd="/",
            env=server_environment(),
            user=identity.user,
            group=identity.group,
            extra_groups=identity.extra_groups,
        )
    finally:
        os.close(log)
    if not tied:
        process.wait()
    return process


def _options(home: Home, socket_directory: Path) -> list[str]:
    quoted = str(socket_directory).replace('"', '""')  # the setting is a list of such names
    return [
        *("-D", str(home.data)),
        *("-p", str(PORT)),
        *("-c", "listen_addresses="),
        *("-c", f'unix_socket_directories="{quoted}"'),
        *("-c", "unix_socket_permissions=0700"),
    ]
