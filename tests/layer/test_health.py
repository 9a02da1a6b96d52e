import pytest
from psycopg import Connection, IsolationLevel

from skillmeat.collections import collection
from skillmeat.errors import DatabaseError
from skillmeat.groups import create_group
from skillmeat.health import Drift, Totals, drift, repair, settle, totals
from skillmeat.memberships import add_artifacts
from skillmeat.tags import create_tag
from tests.layer.conftest import ARTIFACTS


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
