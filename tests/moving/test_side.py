"""A side of a move, in a schema of any name, and how clients are led there."""

import shlex
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from select import select

import pytest
from psycopg import connect
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.sql import SQL, Identifier

from skillmeat import migration
from skillmeat.maintenance.refresh import refresh_snapshot
from skillmeat.moving import format_drop_command
from skillmeat.moving.clients import Clients
from skillmeat.moving.side import open_side
from skillmeat.settings.services import get_service, write_service
from tests.cli.commands import run

SCHEMA = 'Ten "% ant'


def test_a_schema_of_any_name_has_an_identity_until_it_is_dropped(url: str) -> None:
    with connect(url, autocommit=True) as conn, open_side(url, schema=SCHEMA, name="copy") as side:
        before = side.read_identity()
        conn.execute(SQL("create schema {}").format(Identifier(SCHEMA)))
        identity = side.read_identity()

    assert before.endswith("/")
    assert identity.startswith(before)
    assert identity != before


def test_clients_are_led_to_all_hosts_of_the_new_server_with_the_parameters_of_that_moment(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGSERVICEFILE", str(tmp_path / "services"))
    here = conninfo_to_dict(url)
    both = {"host": f"/nonexistent,{here['host']}", "target_session_attrs": "read-write"}
    write_service("tenant", {key: str(value) for key, value in here.items()})
    clients = Clients(get_service("tenant"), SCHEMA, None)

    with open_side(make_conninfo(url, **both), schema=SCHEMA, name="copy") as side:
        assert not clients.reached.is_pooled
        (tmp_path / "services").write_text("[tenant]\nhost=old\npassword=changed\n")
        clients.lead_to(side)

    parameters = dict(get_service("tenant").parameters)
    assert {key: parameters[key] for key in both} == both
    assert (parameters["password"], parameters["dbname"]) == ("changed", here["dbname"])
    assert "user" not in parameters
    assert conninfo_to_dict(side.conninfo)["host"] == here["host"]


ADDRESS = "127.0.0.1"


@contextmanager
def listen_on_tcp(url: str) -> Iterator[int]:
    """Yield a port of this machine that leads one client to the server at a socket."""
    place = conninfo_to_dict(url)
    if not str(place["host"]).startswith("/"):
        pytest.skip("needs a server at a unix socket")

    def carry() -> None:
        client, _ = listener.accept()
        with client, socket.socket(socket.AF_UNIX) as server:
            server.connect(f"{place['host']}/.s.PGSQL.{place['port']}")
            other = {client: server, server: client}
            while True:
                for each in select([*other], [], [])[0]:
                    if not (data := each.recv(65536)):
                        return
                    other[each].sendall(data)

    with socket.create_server((ADDRESS, 0)) as listener, ThreadPoolExecutor(1) as pool:
        carried = pool.submit(carry)
        yield listener.getsockname()[1]
        carried.result()


@pytest.mark.parametrize(
    ("given", "reached"),
    [
        # An address that this machine has looked up is not that of a host for ever, nor for all.
        ({"host": "localhost,localhost"}, {"host": "localhost"}),
        ({"hostaddr": f"{ADDRESS},{ADDRESS}"}, {"host": ADDRESS}),
        (
            {"host": "one,two", "hostaddr": f"{ADDRESS},{ADDRESS}"},
            {"host": "one", "hostaddr": ADDRESS},
        ),
    ],
)
def test_a_side_has_the_addresses_of_its_url_and_no_other(
    url: str, given: dict[str, str], reached: dict[str, str]
) -> None:
    elsewhere = conninfo_to_dict(url) | {"host": None, "hostaddr": None} | given
    with listen_on_tcp(url) as port:
        there = make_conninfo("", **elsewhere | {"port": port})
        with open_side(there, schema=SCHEMA, name="copy") as side:
            told = [conninfo_to_dict(each) for each in (side.hosts, side.conninfo, side.place)]

    assert [{key: each[key] for key in ("host", "hostaddr") if key in each} for each in told] == [
        given,
        reached,
        reached,
    ]


def test_a_url_without_a_service_gets_no_hosts_of_a_service_named_none(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGSERVICEFILE", str(tmp_path / "services"))
    write_service("None", {"host": "elsewhere", "target_session_attrs": "standby"})

    with open_side(url, schema=SCHEMA, name="copy") as side:
        hosts = conninfo_to_dict(side.hosts)

    assert (hosts["host"], "target_session_attrs" in hosts) == (
        conninfo_to_dict(url)["host"],
        False,
    )


def test_a_session_refreshes_whatever_isolation_level_the_database_has(url: str) -> None:
    with connect(url, autocommit=True) as conn:
        level = SQL("alter database {} set default_transaction_isolation = 'serializable'")
        conn.execute(level.format(Identifier(conn.info.dbname)))
        conn.execute("insert into skillmeat.artifacts (type, name) values ('skill', 'new')")

    with open_side(url, schema="skillmeat", name="copy") as side:
        assert refresh_snapshot(side.conn) == 1


def test_the_command_that_drops_a_closed_copy_works_as_printed(
    empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    migration.upgrade(url=empty_url, schema=SCHEMA)
    with open_side(empty_url, schema=SCHEMA, name="copy") as side:
        place = make_conninfo(side.place, user=side.conn.info.user)
    # --schema sets it for the process.
    monkeypatch.setenv("SKILLMEAT_SCHEMA", SCHEMA)

    assignment, program, *arguments = shlex.split(format_drop_command(place, SCHEMA))
    monkeypatch.setenv(*assignment.split("=", 1))
    ran = run(*arguments)

    assert (program, ran.code) == ("skillmeat", 0), ran.err
    assert migration.get_status(url=empty_url, schema=SCHEMA).current is None
