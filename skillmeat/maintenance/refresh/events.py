"""The events of a refresher: one line for people, and fields for programs."""

import logging
from dataclasses import asdict, dataclass
from typing import ClassVar, Final

from skillmeat.maintenance.refresh.policy import RefreshReason

LOGGER = logging.getLogger("skillmeat.maintenance.refresh")

REASONS: Final = {
    RefreshReason.UNPOPULATED: "the snapshot was empty",
    RefreshReason.UNINDEXED: "the snapshot had no unique index",
    RefreshReason.EVERYTHING_CHANGED: "a statement had changed too much to list",
    RefreshReason.CROWDED: "pages bypassed the snapshot: too many changes had gathered",
    RefreshReason.REPLACED: "pages bypassed the snapshot, which another session had altered",
    RefreshReason.MANY_CHANGES: "enough changes had gathered",
}


@dataclass(frozen=True, slots=True)
class RefreshEvent:
    """An action of a refresher, or a failure that it met."""

    event: ClassVar[str]
    level: ClassVar[int] = logging.INFO

    @property
    def message(self) -> str:
        """One line with the event and its reason."""
        raise NotImplementedError

    def to_dict(self) -> dict[str, object]:
        """Return the event as fields that JSON can hold."""
        return {"event": self.event, **asdict(self)}


@dataclass(frozen=True, slots=True)
class Watching(RefreshEvent):
    """The refresher has begun to watch; the fields are those of its policy."""

    event = "watching"

    share: float
    after_changes: int
    max_age: float
    every: float

    @property
    def message(self) -> str:
        """When it will refresh."""
        return (
            f"watching: checks every {self.every:g} s, and refreshes after "
            f"{_count(self.after_changes, 'change')} or {self.max_age:g} s; Ctrl-C ends it"
        )


@dataclass(frozen=True, slots=True)
class SnapshotRefreshed(RefreshEvent):
    """The snapshot is fresh again.

    `because` is None if a command asked for the refresh. `oldest_seconds` is the age of the oldest
    change, None if there was none.
    """

    event = "refreshed"

    changes: int
    seconds: float
    because: RefreshReason | None
    oldest_seconds: float | None

    @property
    def message(self) -> str:
        """Changes, seconds and the reason."""
        done = f"refreshed {_count(self.changes, 'change')} in {self.seconds:.2f} s"
        if self.because == RefreshReason.OLD_CHANGE:
            return f"{done}: the oldest was {self.oldest_seconds or 0:.0f} s old"
        reason = REASONS.get(self.because) if self.because else None
        return f"{done}: {reason}" if reason else done


@dataclass(frozen=True, slots=True)
class NothingToRefresh(RefreshEvent):
    """Nothing has changed since the last refresh."""

    event = "unchanged"
    message = "nothing to refresh"


@dataclass(frozen=True, slots=True)
class AlreadyRefreshing(RefreshEvent):
    """Another session is refreshing the snapshot."""

    event = "busy"
    message = "another session is refreshing"


@dataclass(frozen=True, slots=True)
class CountsSettled(RefreshEvent):
    """The refresher settled counts; open transactions keep `still_pending` others pending."""

    event = "settled"

    counts: int
    still_pending: int
    seconds: float

    @property
    def message(self) -> str:
        """The number of settled counts, and of those that are still pending."""
        rest = f", {self.still_pending:,} still pending" if self.still_pending else ""
        return f"settled {_count(self.counts, 'count')} in {self.seconds:.2f} s{rest}"


@dataclass(frozen=True, slots=True)
class ConnectionLost(RefreshEvent):
    """No server that accepts writes answers; `before` says whether one did earlier."""

    event = "lost"
    level = logging.WARNING

    why: str
    before: bool

    @property
    def message(self) -> str:
        """Whether a connection was lost or never made, and why."""
        what = "the connection was lost" if self.before else "no server accepts writes"
        return f"{what}: {self.why}; trying again"


@dataclass(frozen=True, slots=True)
class StatementFailed(RefreshEvent):
    """The server refused a statement."""

    event = "refused"
    level = logging.WARNING

    why: str

    @property
    def message(self) -> str:
        """What the server said."""
        return f"the server refused a statement: {self.why}; trying again"


@dataclass(frozen=True, slots=True)
class Recovered(RefreshEvent):
    """The failure named `was` has ended after `seconds`."""

    event = "recovered"

    seconds: float
    was: str

    @property
    def message(self) -> str:
        """What works again."""
        what = "connected" if self.was == ConnectionLost.event else "the statements succeed"
        return f"{what} again after {self.seconds:.1f} s"


def log_event(event: RefreshEvent, *, service: str | None = None) -> None:
    """Log an event, after its service's name, to the logger `skillmeat.maintenance.refresh`."""
    beginning = "" if service is None else f"{service}: "
    LOGGER.log(event.level, "%s%s", beginning, event.message)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
