import pytest
from psycopg import Connection, IsolationLevel

from skillmeat.catalogue import add_artifacts, get_collection
from skillmeat.errors import DatabaseError
from skillmeat.maintenance import (
    CountDrift,
    SummaryDrift,
    get_totals,
    list_count_drift,
    list_summary_drift,
    repair_counts,
    repair_summaries,
    settle_counts,
)
from skillmeat.maintenance.refresh import refresh_snapshot
from tests.catalogue.conftest import ARTIFACTS


def test_a_tampered_count_is_listed_and_repaired(small: Connection) -> None:
    add_artifacts(small, "one", ARTIFACTS)
    small.execute("update collections set artifact_count = 9 where id = 'one'")
    wrong = (CountDrift("collections.artifact_count", "one", counted=9, actual=4),)

    assert list_count_drift(small) == wrong
    assert repair_counts(small) == wrong
    assert (list_count_drift(small), repair_counts(small)) == ((), ())
    found = get_collection(small, "one")
    assert found is not None
    assert found.artifact_count == 4


def test_settling_leaves_nothing_pending(small: Connection) -> None:
    with small.transaction():
        add_artifacts(small, "one", ARTIFACTS)
        assert settle_counts(small) == 0
        assert get_totals(small).pending == 0


def test_settling_above_read_committed_is_refused_with_a_hint(small: Connection) -> None:
    small.isolation_level = IsolationLevel.REPEATABLE_READ

    with (
        small.transaction(),
        pytest.raises(DatabaseError, match="READ COMMITTED: Call it in a transaction of its own"),
    ):
        settle_counts(small)


def test_exact_summaries_do_not_drift(small: Connection) -> None:
    refresh_snapshot(small)
    add_artifacts(small, "one", ARTIFACTS)

    assert list_summary_drift(small) == ()


def test_a_change_missing_from_the_log_is_listed_and_read_live(small: Connection) -> None:
    refresh_snapshot(small)
    small.execute("update artifacts set title = 'New', author = 'Me' where id = 'skill:pdf'")
    small.execute("delete from artifacts where id = 'skill:sql'")
    small.execute("insert into artifacts (type, name) values ('skill', 'new')")
    small.execute("delete from artifact_changes")
    changed = ["author", "title", "updated_at"]

    drifting = list_summary_drift(small)
    repaired = repair_summaries(small)

    assert drifting == (
        SummaryDrift("true", "skill:new", []),
        SummaryDrift("shown", "skill:pdf", changed),
        SummaryDrift("true", "skill:pdf", changed),
        SummaryDrift("shown", "skill:sql", []),
    )
    assert repaired == ("skill:new", "skill:pdf", "skill:sql")
    assert (list_summary_drift(small), repair_summaries(small)) == ((), ())
