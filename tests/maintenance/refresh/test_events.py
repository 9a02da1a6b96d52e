"""How reports read."""

import json
import logging

import pytest

from skillmeat.maintenance.refresh.events import (
    Busy,
    Lost,
    Recovered,
    Refreshed,
    Refused,
    Report,
    Settled,
    Unchanged,
    log,
)
from skillmeat.maintenance.refresh.policy import Because

LINES: tuple[tuple[Report, str], ...] = (
    (
        Refreshed(1234, 0.4249, Because.OLD_CHANGE, 31.4),
        "refreshed 1,234 changes in 0.42 s: the oldest was 31 s old",
    ),
    (
        Refreshed(1000, 1, Because.MANY_CHANGES, 2),
        "refreshed 1,000 changes in 1.00 s: that many were worth it",
    ),
    (
        Refreshed(1, 1, Because.EVERYTHING_CHANGED, 2),
        "refreshed 1 change in 1.00 s: a statement had changed too much to list",
    ),
    (
        Refreshed(0, 1, Because.CROWDED, None),
        "refreshed 0 changes in 1.00 s: pages did without the snapshot, so much had gathered",
    ),
    (
        Refreshed(0, 1, Because.UNPOPULATED, None),
        "refreshed 0 changes in 1.00 s: the snapshot was empty",
    ),
    (
        Refreshed(0, 1, Because.UNINDEXED, None),
        "refreshed 0 changes in 1.00 s: the snapshot had no unique index",
    ),
    (Refreshed(12, 0.03, None, 3), "refreshed 12 changes in 0.03 s"),
    (Unchanged(), "nothing to refresh"),
    (Busy(), "another session is refreshing"),
    (Settled(12, left=0, seconds=0.01), "settled 12 counts in 0.01 s"),
    (Settled(1, left=2, seconds=0.01), "settled 1 count in 0.01 s, 2 left to others"),
    (Lost("bye", before=True), "the server went away: bye; trying again"),
    (Lost("no", before=False), "there is no server to write to: no; trying again"),
    (Refused("no"), "the server refused: no; trying again"),
    (Recovered(3.21, was="lost"), "the server is there again after 3.2 s"),
    (Recovered(3.21, was="refused"), "it works again after 3.2 s"),
)


@pytest.mark.parametrize(("report", "line"), LINES, ids=[each[1][:40] for each in LINES])
def test_a_report_is_one_line(report: Report, line: str) -> None:
    assert report.line == line


def test_fields_are_for_programs() -> None:
    report = Refreshed(2, 0.5, Because.OLD_CHANGE, 31.0)

    assert json.loads(json.dumps(report.fields())) == {
        "event": "refreshed",
        "changes": 2,
        "seconds": 0.5,
        "because": "old_change",
        "oldest_seconds": 31.0,
    }


def test_losses_are_logged_as_warnings(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="skillmeat.maintenance.refresh"):
        log(Lost("bye", before=True))
        log(Recovered(1, was="lost"))

    assert [each.levelname for each in caplog.records] == ["WARNING", "INFO"]
