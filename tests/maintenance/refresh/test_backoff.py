"""The pauses and the reports of the backoff, without a server."""

import pytest

from skillmeat.maintenance.refresh.backoff import Backoff
from skillmeat.maintenance.refresh.events import (
    ConnectionLost,
    Recovered,
    RefreshEvent,
    StatementFailed,
)

LOST = ConnectionLost("gone", before=True)


@pytest.fixture
def events() -> list[RefreshEvent]:
    """Return the reported events."""
    return []


@pytest.fixture
def backoff(events: list[RefreshEvent]) -> Backoff:
    """Return a new backoff."""
    return Backoff(events.append)


def test_the_pauses_double_up_to_ten_seconds_and_start_again_after_a_recovery(
    backoff: Backoff,
) -> None:
    pauses = [backoff.fail(LOST) for _ in range(8)]
    backoff.recover()

    assert pauses == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10, 10]
    assert backoff.fail(LOST) == 0.2


def test_a_restart_is_reported_in_two_events(backoff: Backoff, events: list[RefreshEvent]) -> None:
    for why in ("terminated", "no such file", "starting up"):
        backoff.fail(ConnectionLost(why, before=True))
    backoff.recover()
    backoff.recover()

    assert [type(each) for each in events] == [ConnectionLost, Recovered]
    assert isinstance(events[-1], Recovered)
    assert events[-1].seconds < 600


def test_a_new_reason_is_reported_at_the_longest_pause(
    backoff: Backoff, events: list[RefreshEvent]
) -> None:
    backoff.fail(LOST)
    for _ in range(9):
        backoff.fail(ConnectionLost("wrong password", before=True))

    assert events == [LOST, ConnectionLost("wrong password", before=True)]


def test_a_lost_connection_that_becomes_a_failed_statement_is_reported(
    backoff: Backoff, events: list[RefreshEvent]
) -> None:
    backoff.fail(LOST)
    backoff.fail(StatementFailed("not allowed"))
    backoff.fail(StatementFailed("not allowed"))

    assert events == [LOST, StatementFailed("not allowed")]


def test_without_a_failure_there_is_no_recovery(
    backoff: Backoff, events: list[RefreshEvent]
) -> None:
    backoff.recover()

    assert events == []
