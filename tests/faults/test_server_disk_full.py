"""A server with a full disk keeps every acknowledged commit, and works again with free space."""

import random
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from tests.db.sample import restore
from tests.faults.disks import fill, small_disk
from tests.faults.rounds import compare, journals, run_round
from tests.faults.servers import OwnServer, own_server
from tests.faults.state import contents
from tests.maintenance.refresh.refreshers import running_refresher

MEGABYTES = 192
ROUNDS = 3

# The statement that fills the disk: with rows, or with WAL, at which the server stops itself.
GROWING = {
    "tables": """
        insert into project_templates (name, description)
        select gen_random_uuid(), string_agg(gen_random_uuid()::text, '')
        from generate_series(1, 10000)
    """,
    "the log": "select pg_logical_emit_message(true, '', repeat('x', 1000000))",
}


@pytest.mark.exhaustive
@pytest.mark.parametrize("growing", GROWING)
def test_every_acknowledged_commit_survives_a_full_disk(tmp_path: Path, growing: str) -> None:
    with (
        small_disk(tmp_path / "disk", megabytes=MEGABYTES, owner=tmp_path.stat()) as disk,
        own_server(disk / "data") as own,
    ):
        choice = random.Random(5)  # noqa: S311
        writers = journals(5)
        with own.session() as conn:
            restore(conn)
            others = contents(conn)
        wrong: list[object] = []

        def fault(own: OwnServer, _: random.Random) -> None:
            fill_up(own, GROWING[growing])

        with running_refresher(own.url):
            for _ in range(ROUNDS):
                wrong += run_round(own, writers, fault=fault, choice=choice, commits=50)
                wrong += compare(own, writers, others)

    assert wrong == []


def fill_up(own: OwnServer, growing: str) -> None:
    """Fill the disk until the server fails, then free the space."""
    with own.session() as conn:
        ballast = fill(own.root.parent)
        with suppress(psycopg.errors.DiskFull, psycopg.OperationalError):
            while True:
                conn.execute(growing)
    ballast.unlink()
    own.start()
