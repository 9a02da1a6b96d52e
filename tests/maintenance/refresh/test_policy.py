"""The policy of a refresher, without a server."""

from dataclasses import replace
from typing import Any

import pytest

from skillmeat.maintenance.refresh import Policy, RefreshStatus
from skillmeat.maintenance.refresh.policy import RefreshReason, decide

# A refresh of half a second ended ten seconds ago. Its rest of 4.5 seconds is over.
QUIET = RefreshStatus(
    changes=0,
    oldest_seconds=None,
    everything_changed=False,
    has_too_many_changes=False,
    is_replaced=False,
    is_populated=True,
    is_indexed=True,
    refreshed_at=None,
    refresh_seconds=0.5,
    absorbed=1,
    rest_seconds=10.0,
    pending_counts=0,
    is_read_only=False,
)
FEW = replace(QUIET, changes=999, oldest_seconds=29.9)
MANY = replace(QUIET, changes=1000, oldest_seconds=0.1)
OLD = replace(QUIET, changes=1, oldest_seconds=30.0)
EVERYTHING = replace(QUIET, changes=1, oldest_seconds=0.1, everything_changed=True)
CROWDED = replace(QUIET, has_too_many_changes=True)

NEVER: dict[str, Any] = {"refresh_seconds": None, "rest_seconds": None, "absorbed": None}
RESTING: dict[str, Any] = {"rest_seconds": 4.4}
RESTED: dict[str, Any] = {"rest_seconds": 4.5}

DECISIONS: tuple[tuple[str, RefreshStatus, RefreshReason], ...] = (
    ("nothing changed", QUIET, RefreshReason.NO_CHANGE),
    ("few and young", FEW, RefreshReason.FEW_YOUNG_CHANGES),
    ("many", MANY, RefreshReason.MANY_CHANGES),
    ("old", OLD, RefreshReason.OLD_CHANGE),
    ("everything", EVERYTHING, RefreshReason.EVERYTHING_CHANGED),
    ("crowded by changes that rolled back", CROWDED, RefreshReason.CROWDED),
    ("refreshed by another session", replace(QUIET, is_replaced=True), RefreshReason.REPLACED),
    ("never refreshed, nothing changed", replace(QUIET, **NEVER), RefreshReason.NO_CHANGE),
    ("never refreshed, many", replace(MANY, **NEVER), RefreshReason.MANY_CHANGES),
    ("resting, many", replace(MANY, **RESTING), RefreshReason.RESTING),
    ("resting, old", replace(OLD, **RESTING), RefreshReason.RESTING),
    ("resting, everything", replace(EVERYTHING, **RESTING), RefreshReason.RESTING),
    ("resting, crowded", replace(CROWDED, **RESTING), RefreshReason.RESTING),
    ("resting, nothing changed", replace(QUIET, **RESTING), RefreshReason.NO_CHANGE),
    ("just rested", replace(MANY, **RESTED), RefreshReason.MANY_CHANGES),
    ("clock set back", replace(MANY, rest_seconds=-3600.0), RefreshReason.MANY_CHANGES),
    ("empty", replace(QUIET, is_populated=False), RefreshReason.UNPOPULATED),
    ("empty, resting", replace(QUIET, is_populated=False, **RESTING), RefreshReason.UNPOPULATED),
    ("unindexed", replace(QUIET, is_indexed=False), RefreshReason.UNINDEXED),
    ("unindexed, resting", replace(MANY, is_indexed=False, **RESTING), RefreshReason.UNINDEXED),
)


@pytest.mark.parametrize(
    ("found", "because"), [each[1:] for each in DECISIONS], ids=[each[0] for each in DECISIONS]
)
def test_the_first_reason_that_holds_decides(found: RefreshStatus, because: RefreshReason) -> None:
    assert decide(found, Policy()) == because


def test_three_reasons_are_not_due() -> None:
    waiting = {each for each in RefreshReason if not each.is_due}

    assert waiting == {
        RefreshReason.NO_CHANGE,
        RefreshReason.RESTING,
        RefreshReason.FEW_YOUNG_CHANGES,
    }


@pytest.mark.parametrize(("share", "rest"), [(1, 0), (0.5, 2), (0.1, 18), (0.01, 198)])
def test_the_share_is_the_work_over_the_work_and_the_rest(share: float, rest: float) -> None:
    assert Policy(share=share).rest(2) == pytest.approx(rest)


@pytest.mark.parametrize(
    "nonsense",
    [
        {"share": 0},
        {"share": 1.1},
        {"share": -0.1},
        {"share": float("nan")},
        {"after_changes": 0},
        {"max_age": -1},
        {"max_age": float("nan")},
        {"every": 0},
        {"every": float("nan")},
        {"every": float("inf")},
    ],
)
def test_a_policy_refuses_values_out_of_range(nonsense: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"must be .*above 0"):
        Policy(**nonsense)
