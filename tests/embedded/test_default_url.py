"""Which URL everything else connects to."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from skillmeat.embedded import (
    ensure_database,
    get_catalogue_url,
    remove_password,
    replace_database,
    start,
)
from skillmeat.embedded.postmaster import open_log, read_last_error
from skillmeat.embedded.urls import make_socket_url
from skillmeat.errors import ServerError


@pytest.fixture
def embedded(monkeypatch: pytest.MonkeyPatch, running_root: Path) -> None:
    monkeypatch.delenv("SKILLMEAT_DATABASE_URL", raising=False)
    monkeypatch.setenv("SKILLMEAT_DATA_DIR", str(running_root))


@pytest.mark.usefixtures("embedded")
def test_the_catalogue_is_the_database_skillmeat_of_the_embedded_server() -> None:
    with psycopg.connect(get_catalogue_url()) as connection:
        assert connection.info.dbname == "skillmeat"


def test_a_given_url_is_the_catalogues(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "SKILLMEAT_DATABASE_URL", "postgres://me:pw@db.example:5433/my?sslmode=require"
    )

    assert get_catalogue_url() == "postgresql://me:pw@db.example:5433/my?sslmode=require"


@pytest.mark.parametrize(
    "url",
    [
        "mysql://me:secret@host/db",
        "host=h password=secret",
        "postgresql://me:secret@h/db?no_such_parameter=1",
    ],
)
def test_a_given_url_that_cannot_be_read_is_refused_without_its_password(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("SKILLMEAT_DATABASE_URL", url)

    with pytest.raises(ServerError) as refusal:
        get_catalogue_url()

    assert "SKILLMEAT_DATABASE_URL is no URL" in str(refusal.value)
    assert "secret" not in str(refusal.value)


def test_a_database_asked_for_by_many_at_once_is_created_once(running_root: Path) -> None:
    url = start(running_root)

    with ThreadPoolExecutor(6) as pool:
        urls = set(pool.map(lambda _: ensure_database(url, 'many/at "once"'), range(6)))

    assert len(urls) == 1
    with psycopg.connect(urls.pop()) as connection:
        assert connection.info.dbname == 'many/at "once"'


def test_a_database_that_cannot_be_created_is_named() -> None:
    nowhere = "postgresql://me:secret@/db?host=/nowhere"

    with pytest.raises(ServerError, match="'wanted' cannot be created") as refusal:
        ensure_database(nowhere, "wanted")

    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql:///a?host=/s", "postgresql:///b?host=/s"),
        ("postgresql://u:p@h1:1,h2:2/a?x=/y", "postgresql://u:p@h1:1,h2:2/b?x=/y"),
        ("postgresql://u@h", "postgresql://u@h/b"),
        ("postgresql://?host=/s", "postgresql:///b?host=/s"),
    ],
)
def test_only_the_database_of_a_url_is_replaced(url: str, expected: str) -> None:
    assert replace_database(url, "b") == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://u:p@h:1/a?x=y", "postgresql://u@h:1/a?x=y"),
        ("postgresql://u@h/a?password=p", "postgresql://u@h/a"),
        ("postgresql:///a?user=u&password=p&host=/s", "postgresql:///a?user=u&host=/s"),
        ("postgresql://h:1/a", "postgresql://h:1/a"),
    ],
)
def test_a_url_is_shown_without_its_password(url: str, expected: str) -> None:
    assert remove_password(url) == expected


def test_a_url_of_any_bytes_is_plain_ascii() -> None:
    assert make_socket_url(Path("/a b,+é"), "c/d") == (
        "postgresql://postgres@:5432/c%2Fd?host=/a%20b%2C%2B%C3%A9"
    )


def test_a_large_log_is_put_aside(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    with log.open("wb") as file:
        file.truncate(11 * 1024 * 1024)

    with open(open_log(log), "wb") as file:  # noqa: PTH123 - a descriptor
        file.write(b"new\n")

    assert log.read_bytes() == b"new\n"
    assert (tmp_path / "server.log.1").stat().st_size == 11 * 1024 * 1024


def test_the_last_complaint_is_told_with_its_hint_and_without_its_time(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    log.write_text(
        "old FATAL:  not this\n"
        "2026-01-01 UTC [1] LOG:  starting PostgreSQL\n"
        '2026-01-01 UTC [1] FATAL:  lock file "postmaster.pid" already exists\n'
        "2026-01-01 UTC [1] HINT:  Is another postmaster running?\n"
        "2026-01-01 UTC [1] LOG:  database system is shut down\n"
    )

    said = read_last_error(log, len("old FATAL:  not this\n"))

    assert said == (
        'FATAL: lock file "postmaster.pid" already exists HINT: Is another postmaster running?'
    )
