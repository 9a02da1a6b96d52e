"""The messages and fields of events."""

import json
import logging

import pytest

from skillmeat.maintenance.refresh.events import (
    AlreadyRefreshing,
    ConnectionLost,
    CountsSettled,
    NothingToRefresh,
    Recovered,
    RefreshEvent,
    SnapshotRefreshed,
    StatementFailed,
    log_event,
)
from skillmeat.maintenance.refresh.policy import RefreshReason

MESSAGES: tuple[tuple[RefreshEvent, str], ...] = (
    (
        SnapshotRefreshed(1234, 0.4249, RefreshReason.OLD_CHANGE, 31.4),
        "refreshed 1,234 changes in 0.42 s: the oldest was 31 s old",
    ),
    (
        SnapshotRefreshed(1000, 1, RefreshReason.MANY_CHANGES, 2),
        "refreshed 1,000 changes in 1.00 s: enough changes had gathered",
    ),
    (
        SnapshotRefreshed(1, 1, RefreshReason.EVERYTHING_CHANGED, 2),
        "refreshed 1 change in 1.00 s: a statement had changed too much to list",
    ),
    (
        SnapshotRefreshed(0, 1, RefreshReason.CROWDED, None),
        "refreshed 0 changes in 1.00 s: pages bypassed the snapshot: too many changes had gathered",
    ),
    (
        SnapshotRefreshed(0, 1, RefreshReason.UNPOPULATED, None),
        "refreshed 0 changes in 1.00 s: the snapshot was empty",
    ),
    (
        SnapshotRefreshed(0, 1, RefreshReason.UNINDEXED, None),
        "refreshed 0 changes in 1.00 s: the snapshot had no unique index",
    ),
    (SnapshotRefreshed(12, 0.03, None, 3), "refreshed 12 changes in 0.03 s"),
    (NothingToRefresh(), "nothing to refresh"),
    (AlreadyRefreshing(), "another session is refreshing"),
    (CountsSettled(12, still_pending=0, seconds=0.01), "settled 12 counts in 0.01 s"),
    (CountsSettled(1, still_pending=2, seconds=0.01), "settled 1 count in 0.01 s, 2 still pending"),
    (ConnectionLost("bye", before=True), "the connection was lost: bye; trying again"),
    (ConnectionLost("no", before=False), "no server accepts writes: no; trying again"),
    (StatementFailed("no"), "the server refused a statement: no; trying again"),
    (Recovered(3.21, was="lost"), "connected again after 3.2 s"),
    (Recovered(3.21, was="refused"), "the statements succeed again after 3.2 s"),
)


@pytest.mark.parametrize(("event", "message"), MESSAGES, ids=[each[1][:40] for each in MESSAGES])
def test_an_event_is_one_line(event: RefreshEvent, message: str) -> None:
    assert event.message == message


def test_an_event_has_its_fields_as_json() -> None:
    event = SnapshotRefreshed(2, 0.5, RefreshReason.OLD_CHANGE, 31.0)

    assert json.loads(json.dumps(event.to_dict())) == {
        "event": "refreshed",
        "changes": 2,
        "seconds": 0.5,
        "because": "old_change",
        "oldest_seconds": 31.0,
    }


def test_a_failure_is_logged_as_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="skillmeat.maintenance.refresh"):
        log_event(ConnectionLost("bye", before=True))
        log_event(Recovered(1, was="lost"))

    assert [each.levelname for each in caplog.records] == ["WARNING", "INFO"]
