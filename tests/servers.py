"""The server that the tests run on: chosen by the environment, checked before the first test.

    SKILLMEAT_TEST_DATABASE_URL=URL    the server at URL
    POSTGRES=URL                       the same
    POSTGRES=/usr/lib/postgresql/15/bin  a temporary server of those binaries
    POSTGRES=container[:TAG]           a throwaway container of postgres:TAG, 18-alpine by default
    neither                            a temporary server of the embedded binaries

Several runs and workers may share a given server, so what a test creates on it needs a name of its
own. Where the choice cannot be used, `ServerUnavailable` says in one line what is wrong and what to
do.
"""

import gc
import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg

from skillmeat.embedded import find_binaries, temporary_server
from skillmeat.embedded.binaries import OLDEST_MAJOR, get_major_version
from skillmeat.embedded.temporary import NOT_DURABLE
from skillmeat.errors import ServerError

_DEFAULT_TAG = "18-alpine"
_SECONDS_TO_ANSWER = 3
_SECONDS_TO_CONNECT = 5
# Two-phase commit is off by default.
SETTINGS = {**NOT_DURABLE, "max_prepared_transactions": "10"}
_INSTEAD = "or leave POSTGRES out for the embedded server"


class ServerUnavailable(Exception):
    """The chosen server cannot be used: what is wrong, then what to do."""


@contextmanager
def server_under_test(environment: Mapping[str, str] = os.environ) -> Iterator[str]:
    """Start the chosen server; yield its URL. Raises `ServerUnavailable`."""
    with checked_target(environment) as target, started(target) as url:
        yield url


@contextmanager
def checked_target(environment: Mapping[str, str] = os.environ) -> Iterator[str]:
    """Return the target for `started` in every worker: a URL or a folder of binaries.

    Check a given server and given binaries, and run a container for as long as the block lasts.
    Raises `ServerUnavailable`.
    """
    for name in ("SKILLMEAT_TEST_DATABASE_URL", "POSTGRES"):
        if chosen := environment.get(name):
            break
    if not chosen:
        yield str(_embedded_binaries())
    elif chosen.startswith(("postgresql://", "postgres://")):
        _check_server(chosen, name)
        yield chosen
    elif name != "POSTGRES":
        message = f"{name} is no postgresql:// URL: correct it, or unset it"
        raise ServerUnavailable(message)
    elif chosen == "container" or chosen.startswith("container:"):
        with _container(chosen.partition(":")[2] or _DEFAULT_TAG) as url:
            _check_server(url, f"POSTGRES={chosen}")
            yield url
    else:
        _check_binaries(chosen)
        yield chosen


@contextmanager
def started(target: str) -> Iterator[str]:
    """Yield the URL of a checked target; start a temporary server if it is a folder."""
    if target.startswith("/"):
        with temporary_server(binaries=Path(target), settings=SETTINGS) as url:
            yield url
    else:
        yield target


def docker_answers() -> bool:
    """Return whether a Docker daemon answers; many machines have only the client."""
    # Imported here, as below: it is slow, and only one choice needs it.
    import docker  # type: ignore[import-untyped]  # noqa: PLC0415

    with warnings.catch_warnings():
        # Without an answer, the library forgets to close its socket.
        warnings.simplefilter("ignore", ResourceWarning)
        try:
            with closing(docker.from_env(timeout=_SECONDS_TO_ANSWER)) as client:
                return bool(client.ping())
        except docker.errors.DockerException:
            return False
        finally:
            gc.collect()


def _embedded_binaries() -> Path:
    try:
        return find_binaries()
    except ServerError as error:
        raise ServerUnavailable(str(error)) from error


def _check_binaries(chosen: str) -> None:
    if not (Path(chosen) / "postgres").is_file() or not chosen.startswith("/"):
        message = (
            f"POSTGRES={chosen} is neither a postgresql:// URL, nor the absolute path of a "
            f"directory that holds the program postgres, nor container[:TAG]: "
            f"correct it, {_INSTEAD}"
        )
        raise ServerUnavailable(message)
    try:
        major = get_major_version(Path(chosen))
    except ServerError as error:
        message = f"{error}: correct POSTGRES, {_INSTEAD}"
        raise ServerUnavailable(message) from error
    _check_major(major, f"POSTGRES={chosen}")


def _check_server(url: str, name: str) -> None:
    try:
        with psycopg.connect(url, connect_timeout=_SECONDS_TO_CONNECT) as conn:
            major = conn.info.server_version // 10000
            superuser = conn.info.parameter_status("is_superuser") == "on"
            role = conn.info.user
    except psycopg.Error as error:
        # A line for each address that was tried; a line that is indented is libpq's advice.
        lines = [line for line in str(error).splitlines() if line and not line.startswith("\t")]
        reason = lines[-1].strip(" -")
        message = f"{name}: {reason}: start that server or correct the URL, {_INSTEAD}"
        raise ServerUnavailable(message) from error
    _check_major(major, name)
    if not superuser:
        message = (
            f"{name}: the role {role} is no superuser, and the tests create databases and roles: "
            f"name a superuser in the URL, {_INSTEAD}"
        )
        raise ServerUnavailable(message)


def _check_major(major: int, name: str) -> None:
    if major < OLDEST_MAJOR:
        message = (
            f"{name}: the server is PostgreSQL {major}, and {OLDEST_MAJOR} is the oldest that is "
            f"supported: name a newer one, {_INSTEAD}"
        )
        raise ServerUnavailable(message)


@contextmanager
def _container(tag: str) -> Iterator[str]:
    import docker  # noqa: PLC0415
    from testcontainers.community.postgres import PostgresContainer  # noqa: PLC0415

    if not docker_answers():
        message = (
            "POSTGRES=container needs Docker, and no Docker daemon answers here: "
            f"start Docker, {_INSTEAD}"
        )
        raise ServerUnavailable(message)
    image = f"postgres:{tag}"
    try:
        _pull(image)
        container = PostgresContainer(image, driver=None)
        container.with_tmpfs_mount("/var/lib/postgresql")
        container.start()
    except (docker.errors.DockerException, OSError) as error:
        reason = " ".join(str(error).split())
        message = f"Docker cannot run {image}: {reason}: correct POSTGRES=container:TAG, {_INSTEAD}"
        raise ServerUnavailable(message) from error
    try:
        yield str(container.get_connection_url())
    finally:
        container.stop()


def _pull(image: str) -> None:
    import docker  # noqa: PLC0415

    with closing(docker.from_env()) as client:
        try:
            client.images.get(image)
        except docker.errors.ImageNotFound:
            client.images.pull(image)
