"""Reads go to standbys, include the reader's own commits, and fall back to the primary."""

import pytest
from psycopg import Connection

import skillmeat
from skillmeat.catalogue import create_collection, get_collection
from skillmeat.cli.connections import read
from skillmeat.database.query import Conn
from skillmeat.errors import CannotConnect, SkillMeatError
from tests.cli.commands import run
from tests.replication.standby import PrimaryAndStandbys, is_standby

NOWHERE = "postgresql:///postgres?host=/nowhere"


@pytest.mark.parametrize("paused", [(), (0,), (1,), (0, 1)])
@pytest.mark.parametrize("synchronous_commit", ["on", "off"])
def test_a_reader_sees_every_commit_up_to_now(
    servers_to_read: PrimaryAndStandbys,
    primary: Connection,
    name: str,
    paused: tuple[int, ...],
    synchronous_commit: str,
) -> None:
    primary.execute(f"set synchronous_commit = {synchronous_commit}")
    with servers_to_read.paused(*(servers_to_read.standbys[each] for each in paused)):
        create_collection(primary, name=name, id=name)
        position = skillmeat.get_position(primary)
        with skillmeat.connect_for_reading(
            servers_to_read.primary.url, read_url=servers_to_read.read_url, after=position
        ) as conn:
            assert get_collection(conn, name) is not None
            if len(paused) == len(servers_to_read.standbys):
                assert not is_standby(conn)


def test_an_asynchronous_commit_is_before_its_position(primary: Connection, name: str) -> None:
    primary.execute("set synchronous_commit = off")
    create_collection(primary, name=name)
    before = primary.execute("select pg_current_wal_insert_lsn() - '0/0'").fetchone()

    assert before is not None
    assert skillmeat.get_position(primary).lsn >= before[0]


def test_a_reader_reads_a_standby_that_has_replayed_everything(
    servers_to_read: PrimaryAndStandbys,
) -> None:
    with skillmeat.connect_for_reading(
        servers_to_read.primary.url, read_url=servers_to_read.read_url, autocommit=True
    ) as conn:
        assert conn.autocommit
        assert is_standby(conn)


def test_a_standby_answers_for_a_primary_that_is_gone_unless_it_lacks_the_position(
    servers_to_read: PrimaryAndStandbys, primary: Connection, name: str
) -> None:
    with servers_to_read.paused(*servers_to_read.standbys):
        create_collection(primary, name=name)
        position = skillmeat.get_position(primary)

        with skillmeat.connect_for_reading(NOWHERE, read_url=servers_to_read.read_url) as conn:
            assert is_standby(conn)
        with pytest.raises(CannotConnect):
            skillmeat.connect_for_reading(
                NOWHERE, read_url=servers_to_read.read_url, after=position
            )


def test_a_reader_is_warned_if_no_standby_answers(
    servers_to_read: PrimaryAndStandbys, caplog: pytest.LogCaptureFixture
) -> None:
    with skillmeat.connect_for_reading(servers_to_read.primary.url, read_url=NOWHERE) as conn:
        assert not is_standby(conn)

    assert "the primary is read, because no standby answers: " in caplog.text


@pytest.mark.parametrize(
    ("read_url", "says"),
    [
        ("postgresql://one,two/db?port=1,2,3", "one port"),
        ("postgresql://user:p@ss@host/db", "libpq cannot read SKILLMEAT_READ_URL"),
    ],
)
def test_a_url_that_names_no_server_is_refused_in_one_line(
    monkeypatch: pytest.MonkeyPatch, url: str, read_url: str, says: str
) -> None:
    monkeypatch.setenv("SKILLMEAT_DATABASE_URL", url)
    monkeypatch.setenv("SKILLMEAT_READ_URL", read_url)

    ran = run("collections", "list")

    assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert says in ran.err


def test_a_server_that_is_no_standby_of_the_primary_is_refused(
    servers_to_read: PrimaryAndStandbys, url: str
) -> None:
    with pytest.raises(SkillMeatError, match="names another cluster or database"):
        skillmeat.connect_for_reading(servers_to_read.primary.url, read_url=url)


@pytest.mark.parametrize("paused", [False, True])
def test_a_command_sees_what_the_last_command_wrote(
    servers_to_read: PrimaryAndStandbys, monkeypatch: pytest.MonkeyPatch, name: str, *, paused: bool
) -> None:
    monkeypatch.setenv("SKILLMEAT_DATABASE_URL", servers_to_read.primary.url)
    monkeypatch.setenv("SKILLMEAT_READ_URL", servers_to_read.read_url)
    with servers_to_read.paused(*(servers_to_read.standbys if paused else ())):
        assert run("collections", "create", name).code == 0
        shown = run("collections", "show", name)

    assert (shown.code, shown.err) == (0, "")
    assert name in shown.out


def test_the_primary_answers_a_command_that_a_standby_cancels(
    servers_to_read: PrimaryAndStandbys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SKILLMEAT_DATABASE_URL", servers_to_read.primary.url)
    monkeypatch.setenv("SKILLMEAT_READ_URL", servers_to_read.read_url)
    asked = []

    def cancelled_on_a_standby(conn: Conn) -> bool:
        asked.append(is_standby(conn))
        conn.execute("select pg_cancel_backend(pg_backend_pid()) where pg_is_in_recovery()")
        return is_standby(conn)

    assert read(cancelled_on_a_standby) is False
    assert asked == [True, False]
