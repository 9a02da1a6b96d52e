"""The server that the tests run on, chosen by the environment.

    SKILLMEAT_TEST_DATABASE_URL=URL    the server at URL
    POSTGRES=URL                       the same
    POSTGRES=/usr/lib/postgresql/15/bin  a throwaway server of those binaries
    POSTGRES=container[:TAG]           a throwaway container of postgres:TAG, 18-alpine by default
    neither                            a throwaway server of the embedded binaries

A given server may be shared by several runs and workers at once, so what is created on it needs
a name of its own.
"""

import gc
import os
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NoReturn

import pytest

from skillmeat.embedded import find_binaries, throwaway
from skillmeat.errors import ServerError

_DEFAULT_TAG = "18-alpine"
_SECONDS_TO_ANSWER = 3


@contextmanager
def server_under_test() -> Iterator[str]:
    """The libpq URL of a database `postgres`, or the given one, where databases may be created."""
    given = os.environ.get("SKILLMEAT_TEST_DATABASE_URL")
    chosen = given or os.environ.get("POSTGRES") or str(_embedded())
    if chosen.startswith(("postgresql://", "postgres://")):
        yield chosen
    elif given:
        _refuse("SKILLMEAT_TEST_DATABASE_URL is no postgresql:// URL")
    elif chosen == "container" or chosen.startswith("container:"):
        with _container(chosen.partition(":")[2] or _DEFAULT_TAG) as url:
            yield url
    elif (Path(chosen) / "postgres").is_file():
        with throwaway(binaries=Path(chosen)) as url:
            yield url
    else:
        _refuse(
            f"POSTGRES={chosen} is neither a postgresql:// URL, nor a directory that holds the "
            "program postgres, nor container[:TAG]"
        )


def _embedded() -> Path:
    try:
        return find_binaries()
    except ServerError as error:
        _refuse(str(error))


def docker_answers() -> bool:
    """Whether there is a Docker daemon; its client alone is common."""
    # Imported here, as below: it is slow, and only one choice needs it.
    import docker  # type: ignore[import-untyped]  # noqa: PLC0415

    with warnings.catch_warnings():
        # Where nobody answers, the library forgets to close its socket.
        warnings.simplefilter("ignore", ResourceWarning)
        try:
            with closing(docker.from_env(timeout=_SECONDS_TO_ANSWER)) as client:
                return bool(client.ping())
        except docker.errors.DockerException:
            return False
        finally:
            gc.collect()


@contextmanager
def _container(tag: str) -> Iterator[str]:
    from testcontainers.community.postgres import PostgresContainer  # noqa: PLC0415

    if not docker_answers():
        _refuse("POSTGRES=container needs Docker, and no Docker daemon answers here")
    container = PostgresContainer(f"postgres:{tag}", driver=None)
    container.with_tmpfs_mount("/var/lib/postgresql")
    with container:
        yield str(container.get_connection_url())


def _refuse(reason: str) -> NoReturn:
    pytest.exit(reason, returncode=pytest.ExitCode.USAGE_ERROR)
