import pytest
from psycopg import Connection, IsolationLevel

from skillmeat.catalogue.collections import collection
from skillmeat.catalogue.groups import create_group
from skillmeat.catalogue.memberships import add_artifacts
from skillmeat.catalogue.tags import create_tag
from skillmeat.errors import DatabaseError
from skillmeat.maintenance import (
    Drift,
    SummaryDrift,
    Totals,
    drift,
    repair,
    repair_summaries,
    settle,
    summary_drift,
    totals,
)
from skillmeat.maintenance.refresh import refresh
from skillmeat.maintenance.refresh.page_cost import Bypass, bypass, page_cost
from tests.catalogue.conftest import ARTIFACTS


def test_totals_are_what_there_is(small: Connection) -> None:
    add_artifacts(small, "one", ARTIFACTS)
    add_artifacts(small, "two", ARTIFACTS[:1])
    create_group(small, "one", name="G")
    create_tag(small, name="t")

    assert totals(small) == Totals(
        artifacts=4, collections=2, memberships=5, groups=1, tags=1, pending=0
    )


def test_totals_of_nothing_are_zero(conn: Connection) -> None:
    assert totals(conn) == Totals(0, 0, 0, 0, 0, 0)


def test_totals_are_exact_in_the_own_transaction(small: Connection) -> None:
    with small.transaction():
        add_artifacts(small, "one", ARTIFACTS)

        mine = totals(small)

    assert (mine.memberships, mine.pending) == (4, 1)


def test_what_was_tampered_with_is_found_and_mended(small: Connection) -> None:
    add_artifacts(small, "one", ARTIFACTS)
    small.execute("update collections set artifact_count = 9 where id = 'one'")
    wrong = (Drift("collections.artifact_count", "one", counted=9, actual=4),)

    assert drift(small) == wrong
    assert repair(small) == wrong
    assert (drift(small), repair(small)) == ((), ())
    found = collection(small, "one")
    assert found is not None
    assert found.artifact_count == 4


def test_settling_leaves_nothing_pending(small: Connection) -> None:
    with small.transaction():
        add_artifacts(small, "one", ARTIFACTS)
        assert settle(small) == 0
        assert totals(small).pending == 0


def test_settling_above_read_committed_says_what_it_needs(small: Connection) -> None:
    small.isolation_level = IsolationLevel.REPEATABLE_READ

    with (
        small.transaction(),
        pytest.raises(DatabaseError, match="READ COMMITTED: Call it in a transaction of its own"),
    ):
        settle(small)


def test_summaries_that_are_read_right_do_not_drift(small: Connection) -> None:
    refresh(small)
    add_artifacts(small, "one", ARTIFACTS)

    assert summary_drift(small) == ()


def test_a_forgotten_change_is_found_and_read_live_again(small: Connection) -> None:
    refresh(small)
    small.execute("update artifacts set title = 'New', author = 'Me' where id = 'skill:pdf'")
    small.execute("delete from artifacts where id = 'skill:sql'")
    small.execute("insert into artifacts (type, name) values ('skill', 'new')")
    small.execute("delete from artifact_changes")
    changed = ["author", "title", "updated_at"]

    drifting = summary_drift(small)
    repaired = repair_summaries(small)

    assert drifting == (
        SummaryDrift("true", "skill:new", []),
        SummaryDrift("shown", "skill:pdf", changed),
        SummaryDrift("true", "skill:pdf", changed),
        SummaryDrift("shown", "skill:sql", []),
    )
    assert repaired == ("skill:new", "skill:pdf", "skill:sql")
    assert (summary_drift(small), repair_summaries(small)) == ((), ())


def test_a_page_costs_what_the_server_says(small: Connection) -> None:
    refresh(small)

    cost = page_cost(small)

    assert cost.milliseconds > 0
    assert cost.buffers >= cost.buffers_read >= 0


def test_a_statement_that_changed_everything_bypasses_the_snapshot(small: Connection) -> None:
    refresh(small)
    before = bypass(small)
    small.execute("truncate artifacts cascade")

    assert before == Bypass(is_outdated=False, is_crowded=False, is_replaced=False)
    assert bypass(small) == Bypass(is_outdated=True, is_crowded=False, is_replaced=False)
