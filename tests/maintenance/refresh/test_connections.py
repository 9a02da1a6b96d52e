"""Which servers a refresher connects to, and how."""

from pathlib import Path

import pytest
from psycopg import Connection

from skillmeat import embedded
from skillmeat.errors import CannotConnect
from skillmeat.maintenance.refresh import connector, status
from tests.embedded.conftest import root, stopped_root, template_root
from tests.maintenance.refresh.watching import with_parameters

__all__ = ["root", "stopped_root", "template_root"]


def test_an_embedded_server_is_started_once_and_then_left_to_its_owner(
    stopped_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SKILLMEAT_DATABASE_URL", raising=False)
    monkeypatch.setenv("SKILLMEAT_DATA_DIR", str(stopped_root))
    connect = connector()
    connect().close()
    embedded.stop(stopped_root)

    with pytest.raises(CannotConnect, match="the embedded server is stopped"):
        connect()

    assert not embedded.status(stopped_root).running


def test_a_server_that_takes_no_writes_is_none(url: str, conn: Connection) -> None:
    conn.execute(f"alter database {conn.info.dbname} set default_transaction_read_only = on")

    with pytest.raises(CannotConnect, match="session is read-only"):
        connector(url)()


def test_time_limits_are_for_others(url: str, conn: Connection) -> None:
    conn.execute(f"alter database {conn.info.dbname} set statement_timeout = '1min'")

    with connector(url)() as patient:
        assert patient.execute("show statement_timeout").fetchone() == ("0",)


def test_a_url_may_say_that_any_server_will_do(url: str, conn: Connection) -> None:
    conn.execute(f"alter database {conn.info.dbname} set default_transaction_read_only = on")

    with connector(with_parameters(url, target_session_attrs="any"))() as reading:
        assert status(reading).is_read_only
