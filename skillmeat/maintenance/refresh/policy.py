"""When a refresh is worth its cost."""

from dataclasses import dataclass
from enum import StrEnum

from skillmeat.maintenance.refresh.status import Status


@dataclass(frozen=True, slots=True)
class Policy:
    """How fresh the snapshot is to be kept, and at what cost. Raises ValueError for nonsense.

    Refreshing takes at most `share` of one core, however many refreshers there are: it rests in
    proportion to what the last refresh took. It is worth its while once `after_changes` have
    gathered, or once one is `max_age` seconds old. It is asked every `every` seconds, or less often
    where even asking would take more than the share.
    """

    share: float = 0.10
    after_changes: int = 1000
    max_age: float = 30.0
    every: float = 1.0

    def __post_init__(self) -> None:
        """Refuse what cannot be kept."""
        if not 0 < self.share <= 1:
            message = f"a share of {self.share:g} of a core cannot be kept: above 0, at most 1"
            raise ValueError(message)
        if not (self.after_changes >= 1 and self.max_age >= 0 and self.every > 0):
            message = (
                "changes to wait for begin at 1, the age of a change at 0 seconds, "
                "and seconds between two looks above 0"
            )
            raise ValueError(message)

    def rest(self, seconds: float) -> float:
        """How long to rest after work of so many seconds."""
        return seconds * (1 / self.share - 1)


class Because(StrEnum):
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
    def mends(self) -> bool:
        """Whether a refresh for this reason does something even where nothing has changed."""
        return self in {self.UNPOPULATED, self.UNINDEXED, self.CROWDED, self.REPLACED}


def decide(found: Status, policy: Policy) -> Because:
    """Why a refresh is due, or why it is not: the first of these that holds.

    Without a snapshot or its index it is due whatever the last one took.
    """
    reasons = (
        (Because.UNPOPULATED, not found.is_populated),
        (Because.UNINDEXED, not found.is_indexed),
        (
            Because.NO_CHANGE,
            not (found.changes or found.is_crowded or found.is_replaced),
        ),
        (Because.RESTING, _is_resting(found, policy)),
        (Because.EVERYTHING_CHANGED, found.everything_changed),
        (Because.CROWDED, found.is_crowded),
        (Because.REPLACED, found.is_replaced),
        (Because.MANY_CHANGES, found.changes >= policy.after_changes),
        (Because.OLD_CHANGE, (found.oldest_seconds or 0) >= policy.max_age),
    )
    return next((because for because, holds in reasons if holds), Because.FEW_YOUNG_CHANGES)


def _is_resting(found: Status, policy: Policy) -> bool:
    if found.rest_seconds is None or found.refresh_seconds is None:
        return False
    # A refresh that ends in the future tells of a clock that was set back: it is no reason to wait.
    return 0 <= found.rest_seconds < policy.rest(found.refresh_seconds)
