"""A standby reads exact counts and pages, and refuses a write in one line."""

from collections.abc import Iterator
from contextlib import suppress

import pytest
from psycopg import Connection, IsolationLevel, errors
from psycopg.rows import TupleRow

import skillmeat
from skillmeat.errors import SkillMeatError
from skillmeat.moving.side import open_side
from tests.cli.commands import run
from tests.concurrency.test_read_path_stress import (
    SHOWN,
    refresh_by_hand,
    truncate,
    until,
)
from tests.db.oracle import differences
from tests.db.sample import restore
from tests.replication.clusters import MadeCluster
from tests.replication.load import LIVE, repeated, run_reader, run_refresher, write_everything
from tests.replication.standby import PrimaryAndStandby, run_primary_and_standby


@pytest.fixture(scope="module")
def both(original: MadeCluster, major: int) -> Iterator[PrimaryAndStandby]:
    # The standby soon cancels a reader that blocks the replay, so it is never far behind.
    with run_primary_and_standby(original(major), max_standby_streaming_delay="20ms") as servers:
        yield servers


@pytest.fixture
def servers(both: PrimaryAndStandby) -> PrimaryAndStandby:
    """Return a primary with the sample, and a standby that has replayed it."""
    with skillmeat.connect(both.primary.url, autocommit=True) as conn:
        restore(conn)
    both.catch_up()
    return both


def test_every_snapshot_is_exact_under_load(servers: PrimaryAndStandby) -> None:
    primary, standby = servers.primary.url, servers.standby.url
    with (
        run_reader(standby, keeps=True) as comparisons,
        run_refresher(primary),
        repeated(lambda stop: until(stop, primary, refresh_by_hand)),
        repeated(lambda stop: until(stop, primary, vacuum)),
    ):
        write_everything(primary, rounds=1)
        servers.catch_up()

    assert comparisons.result().inexact == []
    assert comparisons.result().exact > 1


def test_a_snapshot_from_before_a_plain_refresh_keeps_its_answers(
    servers: PrimaryAndStandby,
) -> None:
    # Recovery may cancel a reader whose snapshot needs removed rows, so the test tries again.
    tries = (around_a_plain_refresh(servers) for _ in range(20))
    before, after = next(found for found in tries if found is not None)

    assert after == before


def around_a_plain_refresh(
    servers: PrimaryAndStandby,
) -> tuple[list[TupleRow], list[TupleRow]] | None:
    """Return the reads of one standby snapshot before and after a plain refresh.

    Return None if recovery cancels the reader.
    """
    with (
        suppress(errors.SerializationFailure),
        skillmeat.connect(servers.primary.url, autocommit=True) as primary,
        skillmeat.connect(servers.standby.url) as reader,
    ):
        reader.isolation_level = IsolationLevel.REPEATABLE_READ
        before = reader.execute(LIVE).fetchall()
        primary.execute("update artifacts set title = 'new'")
        primary.execute("refresh materialized view artifact_summaries_snapshot")
        servers.catch_up()

        return before, reader.execute(SHOWN).fetchall()
    return None


def test_a_reader_after_a_plain_refresh_reads_the_new_rows(servers: PrimaryAndStandby) -> None:
    with skillmeat.connect(servers.primary.url, autocommit=True) as primary:
        primary.execute("update artifacts set title = 'new'")
        primary.execute("refresh materialized view artifact_summaries_snapshot")
    servers.catch_up()

    with skillmeat.connect(servers.standby.url) as reader:
        assert differences(reader) == []


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (("verify",), "healthy"),
        (("artifacts", "list"), "skill:s1"),
        (("status",), "artifacts"),
        (("migrate", "status"), "up to date"),
    ],
)
def test_commands_that_read_work_on_a_standby(
    servers: PrimaryAndStandby, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], says: str
) -> None:
    monkeypatch.setenv("SKILLMEAT_DATABASE_URL", servers.standby.url)

    ran = run(*command)

    assert (ran.code, says in ran.out) == (0, True)


@pytest.mark.parametrize("command", [("refresh",), ("repair",), ("collections", "create", "C")])
def test_commands_that_write_fail_on_a_standby_in_one_line(
    servers: PrimaryAndStandby, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.setenv("SKILLMEAT_DATABASE_URL", servers.standby.url)

    ran = run(*command)

    assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert "read-only" in ran.err


@pytest.mark.exhaustive
@pytest.mark.parametrize("truncating", [False, True])
def test_every_snapshot_is_exact_under_long_load(
    servers: PrimaryAndStandby, *, truncating: bool
) -> None:
    primary, standby = servers.primary.url, servers.standby.url
    with (
        run_reader(standby, keeps=not truncating) as comparisons,
        run_refresher(primary),
        repeated(lambda stop: until(stop, primary, refresh_by_hand)),
        repeated(lambda stop: until(stop, primary, vacuum)),
        repeated(lambda stop: truncating and until(stop, primary, truncate)),
    ):
        write_everything(primary, rounds=12)
        servers.catch_up()

    assert comparisons.result().inexact == []
    assert comparisons.result().cancelled > 0


def vacuum(conn: Connection, _: object) -> list[str]:
    conn.execute("vacuum count_changes, artifact_changes, collections, artifact_summaries_snapshot")
    conn.execute("select pg_sleep(0.02)")
    return []


def test_no_catalogue_moves_from_or_to_a_standby(servers: PrimaryAndStandby) -> None:
    with (
        pytest.raises(SkillMeatError, match="the old copy is on a standby: name the primary"),
        open_side(servers.standby.url, schema="skillmeat", name="old copy"),
    ):
        pass
