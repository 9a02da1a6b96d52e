"""The URL that every connection uses."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from skillmeat.embedded import (
    ensure_database,
    get_catalogue_url,
    start,
)
from skillmeat.errors import ServerError


@pytest.fixture
def embedded(monkeypatch: pytest.MonkeyPatch, running_root: Path) -> None:
    monkeypatch.delenv("SKILLMEAT_DATABASE_URL", raising=False)
    monkeypatch.setenv("SKILLMEAT_DATA_DIR", str(running_root))


@pytest.mark.usefixtures("embedded")
def test_the_catalogue_is_the_database_skillmeat_of_the_embedded_server() -> None:
    with psycopg.connect(get_catalogue_url()) as connection:
        assert connection.info.dbname == "skillmeat"


@pytest.mark.usefixtures("embedded")
def test_variables_of_libpq_lead_to_no_other_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOSTADDR", "127.0.0.1")
    with psycopg.connect(get_catalogue_url()) as connection:
        assert connection.execute("select inet_server_addr()").fetchone() == (None,)
    monkeypatch.setenv("PGSERVICE", "missing")

    with pytest.raises(ServerError, match="libpq cannot connect: service file"):
        get_catalogue_url()


def test_a_configured_url_is_the_url_of_the_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
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
def test_an_unreadable_url_is_refused_without_its_password(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("SKILLMEAT_DATABASE_URL", url)

    with pytest.raises(ServerError) as refusal:
        get_catalogue_url()

    assert "SKILLMEAT_DATABASE_URL is not a URL" in str(refusal.value)
    assert "secret" not in str(refusal.value)


def test_six_threads_that_need_a_database_create_it_once(running_root: Path) -> None:
    url = start(running_root)

    with ThreadPoolExecutor(6) as pool:
        urls = set(pool.map(lambda _: ensure_database(url, 'many/at "once"'), range(6)))

    assert len(urls) == 1
    with psycopg.connect(urls.pop()) as connection:
        assert connection.info.dbname == 'many/at "once"'


def test_a_database_that_cannot_be_created_is_named(running_root: Path) -> None:
    modest = f"{start(running_root)}&options=-c%20role%3Dpg_monitor"

    with pytest.raises(ServerError, match="'wanted' cannot be created: permission denied"):
        ensure_database(modest, "wanted")


def test_a_server_that_does_not_answer_is_not_said_to_lack_a_database() -> None:
    nowhere = "postgresql://me:secret@/db?host=/nowhere"

    with pytest.raises(ServerError, match="'wanted' cannot be reached: ") as refusal:
        ensure_database(nowhere, "wanted")

    assert "secret" not in str(refusal.value)
