"""The environment chooses the server that the tests run on."""

from pathlib import Path

import psycopg
import pytest

from tests.servers import docker_answers, server_under_test

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")


@pytest.fixture(autouse=True)
def no_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("POSTGRES", raising=False)
    monkeypatch.delenv("SKILLMEAT_TEST_DATABASE_URL", raising=False)


@pytest.mark.parametrize("name", ["POSTGRES", "SKILLMEAT_TEST_DATABASE_URL"])
def test_a_url_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "postgresql://host/database")

    with server_under_test() as url:
        assert url == "postgresql://host/database"


def test_without_a_choice_the_embedded_server_is_used() -> None:
    with server_under_test() as url, psycopg.connect(url) as connection:
        assert connection.execute("show fsync").fetchone() == ("off",)


@pytest.mark.skipif(not DEBIAN_15.exists(), reason="Debian's PostgreSQL 15 is not installed")
def test_a_directory_of_binaries_may_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTGRES", str(DEBIAN_15))

    with server_under_test() as url, psycopg.connect(url) as connection:
        assert connection.info.server_version // 10000 == 15


def test_a_choice_that_means_nothing_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTGRES", "/nowhere")

    with pytest.raises(pytest.exit.Exception, match="neither"), server_under_test():
        pass


def test_a_container_without_docker_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    if docker_answers():
        pytest.skip("a Docker daemon answers here")
    monkeypatch.setenv("POSTGRES", "container:17")

    with pytest.raises(pytest.exit.Exception, match="no Docker daemon"), server_under_test():
        pass


def test_a_container_serves_where_docker_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    if not docker_answers():
        pytest.skip("no Docker daemon answers here")
    monkeypatch.setenv("POSTGRES", "container:17-alpine")

    with server_under_test() as url, psycopg.connect(url) as connection:
        assert connection.info.server_version // 10000 == 17
