"""The promises of starting and stopping a server."""

import os
import subprocess
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, make_url, text

from skillmeat.embedded import find_binaries, get_status, start, stop
from skillmeat.embedded.binaries import find_psql
from tests.embedded.clients import STARTS, client, is_alive, read_output


def one(url: str, query: str) -> str:
    with psycopg.connect(url) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row
    return str(row[0])


def test_a_first_start_gives_a_durable_server_without_a_network_port(running_root: Path) -> None:
    url = start(running_root)

    asked = "fsync", "synchronous_commit", "full_page_writes", "listen_addresses", "server_encoding"
    assert [one(url, f"show {name}") for name in asked] == ["on", "on", "on", "", "UTF8"]


def test_text_has_the_same_order_on_every_platform(running_root: Path) -> None:
    url = start(running_root)

    if int(one(url, "show server_version_num")) < 170000:
        pytest.skip("the built-in locale came with PostgreSQL 17")
    query = "select concat(datlocprovider, datlocale) from pg_database where datname = 'postgres'"
    assert one(url, query) == "bC.UTF-8"


def test_three_simultaneous_starts_give_one_server(root: Path) -> None:
    clients = [client(STARTS, root) for _ in range(2)]

    urls = [start(root), *(read_output(each) for each in clients)]

    assert len(set(urls)) == 1
    assert (
        one(urls[0], "select count(*) from pg_stat_activity where backend_type = 'walwriter'")
        == "1"
    )


def test_a_start_finds_a_running_server_without_running_a_program(
    running_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = start(running_root)
    monkeypatch.setenv("PATH", "")

    assert start(running_root, binaries=Path("/nowhere")) == url


def test_a_server_outlives_its_starter_and_closes_the_pipe(stopped_root: Path) -> None:
    # communicate() ends only when no process holds the writing end of the pipe.
    url = read_output(client(STARTS, stopped_root))

    assert one(url, "select 1") == "1"


def test_a_server_runs_in_a_session_of_its_own(running_root: Path) -> None:
    start(running_root)

    pid = get_status(running_root).pid
    assert pid
    assert os.getsid(pid) != os.getsid(0)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc")
def test_a_server_inherits_no_open_file_of_its_starter(stopped_root: Path) -> None:
    reading, writing = os.pipe()
    os.set_inheritable(writing, True)  # noqa: FBT003
    try:
        start(stopped_root)
        pipe = Path(f"/proc/self/fd/{writing}").readlink()
        held = [
            each.readlink() for each in Path(f"/proc/{get_status(stopped_root).pid}/fd").iterdir()
        ]
    finally:
        os.close(reading)
        os.close(writing)

    assert pipe not in held


def test_a_stop_ends_the_server_and_every_connection(stopped_root: Path) -> None:
    with psycopg.connect(start(stopped_root)):
        pid = get_status(stopped_root).pid

        stopped = stop(stopped_root)

    assert stopped
    assert pid
    assert not is_alive(pid)


def test_stopping_twice_is_no_error(stopped_root: Path) -> None:
    start(stopped_root)
    stop(stopped_root)

    assert stop(stopped_root) is False


def test_stopping_a_server_that_never_started_creates_nothing(root: Path) -> None:
    assert stop(root) is False
    assert not root.exists()


def test_status_shows_the_version_and_the_data_directory(running_root: Path) -> None:
    url = start(running_root)

    found = get_status(running_root)

    assert (found.running, found.url, found.data_directory) == (True, url, running_root / "data")
    assert found.version
    assert found.version in one(url, "select version()")


def test_status_of_a_stopped_server_starts_nothing(stopped_root: Path) -> None:
    found = get_status(stopped_root)

    assert (found.running, found.pid, found.url) == (False, None, None)


def test_settings_changed_by_the_owner_outlast_a_restart(stopped_root: Path) -> None:
    with psycopg.connect(start(stopped_root), autocommit=True) as connection:
        connection.execute("alter system set max_connections = 33")
    stop(stopped_root)

    assert one(start(stopped_root), "show max_connections") == "33"


def test_a_link_to_a_root_finds_the_same_server(running_root: Path, tmp_path: Path) -> None:
    url = start(running_root)
    link = tmp_path / "link"
    link.symlink_to(running_root)

    assert start(link) == url


@pytest.mark.parametrize(
    "name",
    ["white space + 100%, ünï/コード q\"uote's", "long/" * 30 + "path"],
    ids=["special characters", "long"],
)
def test_psql_psycopg_and_sqlalchemy_read_the_url_of_any_path(
    tmp_path: Path, template_root: Path, name: str
) -> None:
    root = tmp_path / name
    root.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-a", template_root, root], check=True)  # noqa: S607
    try:
        url = start(root)
        by_psql = subprocess.run(
            [find_psql(find_binaries()), url, "-Atc", "show data_directory"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
        with engine.connect() as connection:
            by_sqlalchemy = connection.execute(text("show data_directory")).scalar_one()
        engine.dispose()
        by_psycopg = one(url, "show data_directory")
    finally:
        stop(root)

    assert {by_psql, by_sqlalchemy, by_psycopg} == {str(root / "data")}
