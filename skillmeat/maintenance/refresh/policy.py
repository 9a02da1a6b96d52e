"""Decide when a refresh is worth its cost."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from skillmeat.maintenance.refresh.status import RefreshStatus

DAY: Final = 86400


@dataclass(frozen=True, slots=True)
class Policy:
    """The limits on the age of the snapshot and on the cost of refreshes. Raises ValueError.

    All refreshers together take at most `share` of one core: a refresher rests in proportion to the
    time of the last refresh. A refresh is due after `after_changes` changes, or when a change is
    `max_age` seconds old. The refresher reads the status every `every` seconds, or less often if
    the status query alone would exceed the share.
    """

    share: float = 0.10
    after_changes: int = 1000
    max_age: float = 30.0
    every: float = 1.0

    def __post_init__(self) -> None:
        """Refuse values out of range."""
        if not 0 < self.share <= 1:
            message = f"share is {self.share:g}, and must be above 0 and at most 1"
            raise ValueError(message)
        if not (self.after_changes >= 1 and self.max_age >= 0 and 0 < self.every <= DAY):
            message = (
                "after_changes must be at least 1, max_age at least 0, and every above 0 "
                f"and at most {DAY}, a day"
            )
            raise ValueError(message)

    def rest(self, seconds: float) -> float:
        """Return how many seconds to rest after work of so many seconds."""
        return seconds * (1 / self.share - 1)


class RefreshReason(StrEnum):
    """Why a refresh is due, or why it is not."""

    UNPOPULATED = "unpopulated"
    UNINDEXED = "unindexed"
    EVERYTHING_CHANGED = "everything_changed"
    CROWDED = "crowded"
    REPLACED = "replaced"
    MANY_CHANGES = "many_changes"
    OLD_CHANGE = "old_change"
    NO_CHANGE = "no_change"
    RESTING = "resting"
    FEW_YOUNG_CHANGES = "few_young_changes"

    @property
    def is_due(self) -> bool:
        """Whether this is a reason to refresh."""
        return self not in {self.NO_CHANGE, self.RESTING, self.FEW_YOUNG_CHANGES}

    @property
    def is_repair(self) -> bool:
        """Whether a refresh for this reason has an effect even if nothing has changed."""
        return self in {self.UNPOPULATED, self.UNINDEXED, self.CROWDED, self.REPLACED}


def decide(status: RefreshStatus, policy: Policy) -> RefreshReason:
    """Return why a refresh is due, or why it is not: the first reason that holds.

    A snapshot that is empty or has lost its index is refreshed without resting first.
    """
    has_change = status.changes or status.has_too_many_changes or status.is_replaced
    reasons = (
        (RefreshReason.UNPOPULATED, not status.is_populated),
        (RefreshReason.UNINDEXED, not status.is_indexed),
        (RefreshReason.NO_CHANGE, not has_change),
        (RefreshReason.RESTING, _is_resting(status, policy)),
        (RefreshReason.EVERYTHING_CHANGED, status.everything_changed),
        (RefreshReason.CROWDED, status.has_too_many_changes),
        (RefreshReason.REPLACED, status.is_replaced),
        (RefreshReason.MANY_CHANGES, status.changes >= policy.after_changes),
        (RefreshReason.OLD_CHANGE, (status.oldest_seconds or 0) >= policy.max_age),
    )
    return next((reason for reason, holds in reasons if holds), RefreshReason.FEW_YOUNG_CHANGES)


def _is_resting(status: RefreshStatus, policy: Policy) -> bool:
    if status.rest_seconds is None or status.refresh_seconds is None:
        return False
    # If the last refresh ended in the future, the clock was set back: do not rest.
    return 0 <= status.rest_seconds < policy.rest(status.refresh_seconds)
