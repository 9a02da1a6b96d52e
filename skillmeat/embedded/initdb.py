"""How a cluster comes into being: complete, or not at all."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from skillmeat.embedded.binaries import major_version
from skillmeat.embedded.os_user import Identity
from skillmeat.embedded.paths import Home
from skillmeat.errors import ServerError

# Written into postgresql.conf, so that the owner may change them there or by ALTER SYSTEM.
DURABLE: Mapping[str, str] = {"max_connections": "200", "log_checkpoints": "off"}

_FIRST_WITH_BUILTIN_LOCALE = 17


def ensure_cluster(
    home: Home,
    *,
    binaries: Path,
    identity: Identity,
    settings: Mapping[str, str],
) -> None:
    """Make the cluster unless it is there. The caller holds the start lock.

    Raises `ServerError` where the data belongs to another major version, is no cluster, or
    cannot be written.
    """
    major = major_version(binaries)
    found = home.major_version()
    if found == str(major):
        return
    if found is not None:
        message = (
            f"the data in {home.data} was made by PostgreSQL {found}, the server here is {major}: "
            f"move it over with pg_dump or pg_upgrade, or set SKILLMEAT_DATA_DIR to start anew"
        )
        raise ServerError(message)
    if home.data.exists() and (not home.data.is_dir() or any(home.data.iterdir())):
        message = (
            f"{home.data} exists but holds no PostgreSQL data: "
            "move it away, or set SKILLMEAT_DATA_DIR to another directory"
        )
        raise ServerError(message)
    _create(home, binaries=binaries, identity=identity, settings=settings, major=major)


def server_environment() -> dict[str, str]:
    """Our environment without what would reconfigure a server, and with messages in English."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | {"LC_ALL": "C"}


def _create(
    home: Home,
    *,
    binaries: Path,
    identity: Identity,
    settings: Mapping[str, str],
    major: int,
) -> None:
    for leftover in home.root.glob("initdb-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    # A name of its own for every attempt: an initdb that outlived its killed client still writes.
    scratch = Path(tempfile.mkdtemp(prefix="initdb-", dir=home.root))
    try:
        identity.give(scratch)
        _initdb(scratch, binaries, identity, *_new_cluster(major))
        with (scratch / "postgresql.conf").open("a") as configuration:
            configuration.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
        if settings.get("fsync") != "off":
            _initdb(scratch, binaries, identity, "--sync-only")
        # PG_VERSION is among the first files that initdb writes; only the name tells it is done.
        scratch.rename(home.data)
    except BaseException:
        shutil.rmtree(scratch, ignore_errors=True)
        raise
    _sync_directory(home.root)


def _new_cluster(major: int) -> tuple[str, ...]:
    options = "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"
    if major < _FIRST_WITH_BUILTIN_LOCALE:
        return options
    return (*options, "--locale-provider=builtin", "--builtin-locale=C.UTF-8")


def _initdb(data: Path, binaries: Path, identity: Identity, *options: str) -> None:
    run = subprocess.run(
        [*identity.prefix, binaries / "initdb", "--pgdata", data, *options],
        check=False,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        cwd="/",
        env=server_environment(),
        user=identity.user,
        group=identity.group,
        extra_groups=identity.extra_groups,
    )
    if run.returncode != 0:
        said = (run.stderr or run.stdout).decode(errors="replace")
        raise ServerError(_explanation(data.parent, said))


def _explanation(root: Path, said: str) -> str:
    if "No space left on device" in said:
        return f"the disk of {root} is full: make room, or set SKILLMEAT_DATA_DIR to another disk"
    complaints = [line for line in said.splitlines() if "error:" in line or "FATAL:" in line]
    last_words = " ".join(complaints or said.splitlines()[-1:]) or "it said nothing"
    return f"initdb could not create a cluster in {root}: {last_words}"


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
