"""Create a cluster with initdb, completely or not at all."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from skillmeat.embedded.binaries import get_major_version
from skillmeat.embedded.os_user import OsUser
from skillmeat.embedded.paths import ServerPaths
from skillmeat.errors import ServerError

# Written to postgresql.conf: the owner may change them there, or with ALTER SYSTEM.
DURABLE: Mapping[str, str] = {"max_connections": "200", "log_checkpoints": "off"}

_FIRST_WITH_BUILTIN_LOCALE = 17


def ensure_cluster(
    paths: ServerPaths,
    *,
    binaries: Path,
    os_user: OsUser,
    settings: Mapping[str, str],
) -> None:
    """Create the cluster unless it exists. The caller holds start.lock.

    Raises `ServerError` if the data belongs to another major version, is no cluster, or cannot be
    written.
    """
    major = get_major_version(binaries)
    found = paths.read_major_version()
    if found == str(major):
        return
    if found is not None:
        message = (
            f"the data in {paths.data} was made by PostgreSQL {found}, the server here is {major}: "
            f"move it with pg_dump or pg_upgrade, or set SKILLMEAT_DATA_DIR to start with new data"
        )
        raise ServerError(message)
    if paths.data.exists() and (not paths.data.is_dir() or any(paths.data.iterdir())):
        message = (
            f"{paths.data} exists but holds no PostgreSQL data: "
            "move it away, or set SKILLMEAT_DATA_DIR to another directory"
        )
        raise ServerError(message)
    _create(paths, binaries=binaries, os_user=os_user, settings=settings, major=major)


def get_server_environment() -> dict[str, str]:
    """Return the environment without the PG variables, and with messages in English."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | {"LC_ALL": "C"}


def _create(
    paths: ServerPaths,
    *,
    binaries: Path,
    os_user: OsUser,
    settings: Mapping[str, str],
    major: int,
) -> None:
    for leftover in paths.root.glob("initdb-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    # Each attempt has its own name, because an initdb that outlives its killed client still writes.
    new_data = Path(tempfile.mkdtemp(prefix="initdb-", dir=paths.root))
    try:
        os_user.chown(new_data)
        _run_initdb(new_data, binaries, os_user, *_locale_options(major))
        with (new_data / "postgresql.conf").open("a") as configuration:
            configuration.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
        if settings.get("fsync") != "off":
            _run_initdb(new_data, binaries, os_user, "--sync-only")
        # initdb writes PG_VERSION early: only the final name shows that it has finished.
        new_data.rename(paths.data)
    except BaseException:
        shutil.rmtree(new_data, ignore_errors=True)
        raise
    _sync_directory(paths.root)


def _locale_options(major: int) -> tuple[str, ...]:
    options = "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"
    if major < _FIRST_WITH_BUILTIN_LOCALE:
        return options
    return (*options, "--locale-provider=builtin", "--builtin-locale=C.UTF-8")


def _run_initdb(data: Path, binaries: Path, os_user: OsUser, *options: str) -> None:
    run = subprocess.run(
        [*os_user.prefix, binaries / "initdb", "--pgdata", data, *options],
        check=False,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        cwd="/",
        env=get_server_environment(),
        user=os_user.user,
        group=os_user.group,
        extra_groups=os_user.extra_groups,
    )
    if run.returncode != 0:
        output = (run.stderr or run.stdout).decode(errors="replace")
        raise ServerError(_explain_failure(data.parent, output))


def _explain_failure(root: Path, output: str) -> str:
    if "No space left on device" in output:
        return f"the disk of {root} is full: make room, or set SKILLMEAT_DATA_DIR to another disk"
    errors = [line for line in output.splitlines() if "error:" in line or "FATAL:" in line]
    reason = " ".join(errors or output.splitlines()[-1:]) or "it printed nothing"
    return f"initdb could not create a cluster in {root}: {reason}"


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
