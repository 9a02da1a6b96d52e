from psycopg import Connection

from skillmeat.catalogue import add_artifacts, create_group, create_tag
from skillmeat.maintenance import (
    SnapshotBypass,
    Totals,
    get_snapshot_bypass,
    get_totals,
    measure_page_cost,
)
from skillmeat.maintenance.refresh import refresh_snapshot
from tests.catalogue.conftest import ARTIFACTS


def test_totals_are_the_numbers_of_rows(small: Connection) -> None:
    add_artifacts(small, "one", ARTIFACTS)
    add_artifacts(small, "two", ARTIFACTS[:1])
    create_group(small, "one", name="G")
    create_tag(small, name="t")

    assert get_totals(small) == Totals(
        artifacts=4, collections=2, memberships=5, groups=1, tags=1, pending=0
    )


def test_totals_of_an_empty_catalogue_are_zero(conn: Connection) -> None:
    assert get_totals(conn) == Totals(0, 0, 0, 0, 0, 0)


def test_totals_include_the_changes_of_the_callers_transaction(small: Connection) -> None:
    with small.transaction():
        add_artifacts(small, "one", ARTIFACTS)

        mine = get_totals(small)

    assert (mine.memberships, mine.pending) == (4, 1)


def test_the_cost_of_a_page_has_milliseconds_and_buffers(small: Connection) -> None:
    refresh_snapshot(small)

    cost = measure_page_cost(small)

    assert cost.milliseconds > 0
    assert cost.buffers >= cost.buffers_read >= 0


def test_a_statement_that_changed_everything_bypasses_the_snapshot(small: Connection) -> None:
    refresh_snapshot(small)
    before = get_snapshot_bypass(small)
    small.execute("truncate artifacts cascade")

    assert before == SnapshotBypass(
        everything_changed=False, has_too_many_changes=False, is_replaced=False
    )
    assert get_snapshot_bypass(small) == SnapshotBypass(
        everything_changed=True, has_too_many_changes=False, is_replaced=False
    )
