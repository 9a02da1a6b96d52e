"""Temporary servers leave nothing behind."""

import signal
from pathlib import Path
from urllib.parse import unquote

import psycopg
import pytest

from skillmeat.embedded import find_binaries, temporary_server
from skillmeat.embedded.binaries import get_major_version
from skillmeat.embedded.temporary import temporary_root
from tests.embedded.clients import client, is_alive, recorded_pid, wait_until

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")

OWNS_ONE = """
import signal
from skillmeat.embedded import temporary_server
with temporary_server() as url:
    print(url, flush=True)
    signal.pause()
"""


def root_of(url: str) -> Path:
    return Path(unquote(url.partition("?host=")[2])).parent


def test_a_temporary_server_is_independent_and_ends_with_its_block() -> None:
    binaries = DEBIAN_15 if DEBIAN_15.exists() else find_binaries()
    with temporary_server() as url, psycopg.connect(url) as connection:
        fsync = connection.execute("show fsync").fetchone()
        pid = recorded_pid(root_of(url))
        with temporary_server(binaries=binaries) as other:
            assert (other != url, root_of(other).exists()) == (True, True)
            with psycopg.connect(other) as second:
                major = second.info.server_version // 10000

        assert not root_of(other).exists()
        assert connection.execute("select 1").fetchone() == (1,)

    assert (fsync, major) == (("off",), get_major_version(binaries))
    assert not is_alive(pid)
    assert not root_of(url).exists()


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="the kernel has to end it")
def test_a_temporary_server_ends_with_its_killed_owner_and_the_next_one_removes_it() -> None:
    with client(OWNS_ONE) as owner:
        assert owner.stdout
        left = root_of(owner.stdout.readline().strip())
        pid = recorded_pid(left)
        owner.send_signal(signal.SIGKILL)

    wait_until(lambda: not is_alive(pid))
    with temporary_root():
        assert not left.exists()
