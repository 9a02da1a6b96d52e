"""The environment chooses the server that the tests run on; a bad choice is one line."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlencode

import psycopg
import pytest

from skillmeat.embedded import find_binaries
from skillmeat.embedded.binaries import get_major_version
from tests import servers
from tests.catalogue.test_connection import SECRET, walled_url
from tests.security.conftest import login_role
from tests.servers import ServerUnavailable, checked_target, docker_answers, server_under_test

__all__ = ["walled_url"]

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")
ROOT = Path(__file__).parent.parent


def error_message(chosen: str) -> str:
    """Return the error message for POSTGRES=`chosen`, which cannot be used."""
    with pytest.raises(ServerUnavailable) as refused, checked_target({"POSTGRES": chosen}):
        pass
    return str(refused.value)


def with_options(url: str, **options: str) -> str:
    """Return the URL with options that override its own."""
    return f"{url}{'&' if '?' in url else '?'}{urlencode(options)}"


class EmptyRegistry(BaseHTTPRequestHandler):
    """A Docker daemon that has no image and cannot pull one."""

    def do_GET(self) -> None:
        if self.path.endswith("/_ping"):
            self._answer(200, b"OK")
        elif self.path.endswith("/version"):
            self._answer(200, b'{"ApiVersion": "1.44"}')
        else:
            self._answer(404, b'{"message": "no such image"}')

    def do_POST(self) -> None:
        self._answer(404, b'{"message": "manifest for postgres:nope not found"}')

    def log_message(self, *_: object) -> None:
        """Write nothing to the terminal."""

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def empty_registry() -> Iterator[str]:
    """Yield the DOCKER_HOST of a daemon without images."""
    with HTTPServer(("127.0.0.1", 0), EmptyRegistry) as daemon:
        thread = Thread(target=daemon.serve_forever)
        thread.start()
        yield f"tcp://127.0.0.1:{daemon.server_port}"
        daemon.shutdown()
        thread.join()


@pytest.mark.parametrize("name", ["POSTGRES", "SKILLMEAT_TEST_DATABASE_URL"])
def test_a_url_is_used_unchanged(server_url: str, name: str) -> None:
    with server_under_test({name: server_url}) as url:
        assert url == server_url


def test_the_embedded_server_is_the_default() -> None:
    with checked_target({}) as unset, checked_target({"POSTGRES": ""}) as empty:
        assert unset == empty == str(find_binaries())


def test_a_directory_of_binaries_is_accepted() -> None:
    chosen = DEBIAN_15 if DEBIAN_15.exists() else find_binaries()

    with (
        server_under_test({"POSTGRES": str(chosen)}) as url,
        psycopg.connect(url) as connection,
    ):
        assert connection.info.server_version // 10000 == get_major_version(chosen)
        assert connection.execute("show fsync").fetchone() == ("off",)


@pytest.mark.parametrize("chosen", ["/nowhere", "garbage", "bin"])
def test_an_unknown_target_is_refused(chosen: str) -> None:
    assert f"POSTGRES={chosen} is neither" in error_message(chosen)


def test_only_a_url_may_name_a_database() -> None:
    environment = {"SKILLMEAT_TEST_DATABASE_URL": "container"}

    with (
        pytest.raises(ServerUnavailable, match="no postgresql:// URL"),
        checked_target(environment),
    ):
        pass


@pytest.mark.parametrize(
    ("answer", "output"),
    [
        ("postgres (PostgreSQL) 14.9", "the server is PostgreSQL 14"),
        ("no such library", "holds no PostgreSQL server that runs on this machine"),
    ],
)
def test_binaries_that_cannot_serve_are_refused(tmp_path: Path, answer: str, output: str) -> None:
    program = tmp_path / "postgres"
    program.write_text(f"#!/bin/sh\necho '{answer}'\n")
    program.chmod(0o755)

    assert output in error_message(str(tmp_path))


def test_a_server_that_does_not_answer_is_refused() -> None:
    output = error_message("postgresql://127.0.0.1:1/x")

    assert "Connection refused: start that server or correct the URL" in output
    assert "\n" not in output


def test_a_wrong_password_is_refused_and_not_shown(walled_url: str) -> None:
    output = error_message(with_options(walled_url, user="walled", password=f"not-{SECRET}"))

    assert "password authentication failed" in output
    assert SECRET not in output


def test_a_role_that_may_not_create_databases_is_refused(server_url: str) -> None:
    with login_role(server_url) as role:
        output = error_message(with_options(server_url, user=role))

    assert f"the role {role} is no superuser" in output


def test_an_old_server_is_refused(server_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "OLDEST_MAJOR", 99)

    assert "99 is the oldest that is supported" in error_message(server_url)


def test_a_container_without_docker_is_refused() -> None:
    if docker_answers():
        pytest.skip("a Docker daemon answers here: what is said without one cannot be tested")

    assert "no Docker daemon answers here: start Docker" in error_message("container:17")


def test_an_image_that_cannot_be_pulled_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with empty_registry() as host:
        monkeypatch.setenv("DOCKER_HOST", host)
        output = error_message("container:nope")

    assert output.startswith("Docker cannot run postgres:nope: ")
    assert "manifest for postgres:nope not found" in output
    assert "correct POSTGRES=container:TAG" in output
    assert "\n" not in output


def test_a_container_is_used_if_docker_answers() -> None:
    if not docker_answers():
        pytest.skip("no Docker daemon answers here: start Docker")

    with (
        server_under_test({"POSTGRES": "container:17-alpine"}) as url,
        psycopg.connect(url) as connection,
    ):
        assert connection.info.server_version // 10000 == 17


@pytest.mark.parametrize("workers", [pytest.param("0", marks=pytest.mark.exhaustive), "auto"])
def test_an_unusable_server_ends_the_run_in_one_line_before_any_test(workers: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", workers, "tests/test_examples.py"],
        cwd=ROOT,
        env=os.environ | {"POSTGRES": "/nowhere", "SKILLMEAT_TEST_DATABASE_URL": ""},
        capture_output=True,
        text=True,
        check=False,
    )

    output = (ran.stdout + ran.stderr).strip().splitlines()
    assert (ran.returncode, len(output)) == (pytest.ExitCode.USAGE_ERROR, 1)
    assert output[0].startswith("ERROR: POSTGRES=/nowhere is neither")
