"""What a refresher did, as one line for people and as fields for programs."""

import logging
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import ClassVar

from skillmeat.maintenance.refresh.policy import Because

LOGGER = logging.getLogger("skillmeat.maintenance.refresh")


@dataclass(frozen=True, slots=True)
class Report:
    """Something that a refresher did or met."""

    event: ClassVar[str]
    level: ClassVar[int] = logging.INFO

    @property
    def line(self) -> str:
        """One line that says what happened, and why."""
        raise NotImplementedError

    def fields(self) -> dict[str, object]:
        """The same for programs."""
        return {"event": self.event, **asdict(self)}


@dataclass(frozen=True, slots=True)
class Refreshed(Report):
    """The snapshot is fresh again.

    `because` is None where somebody asked for it. `oldest_seconds` is how old the oldest of the
    changes was, None where there was none.
    """

    event = "refreshed"

    changes: int
    seconds: float
    because: Because | None
    oldest_seconds: float | None

    @property
    def line(self) -> str:
        """Changes, seconds and the reason."""
        what = f"refreshed {_number(self.changes, 'change')} in {self.seconds:.2f} s"
        return ": ".join([what, *self._reasons()])

    def _reasons(self) -> Iterator[str]:
        match self.because:
            case Because.UNPOPULATED:
                yield "the snapshot was empty"
            case Because.UNINDEXED:
                yield "the snapshot had no unique index"
            case Because.EVERYTHING_CHANGED:
                yield "a statement had changed too much to list"
            case Because.CROWDED:
                yield "pages did without the snapshot, so much had gathered"
            case Because.REPLACED:
                yield "pages did without the snapshot, which somebody else had altered"
            case Because.MANY_CHANGES:
                yield "that many were worth it"
            case Because.OLD_CHANGE:
                yield f"the oldest was {self.oldest_seconds or 0:.0f} s old"


@dataclass(frozen=True, slots=True)
class Unchanged(Report):
    """Nothing has changed since the last refresh."""

    event = "unchanged"
    line = "nothing to refresh"


@dataclass(frozen=True, slots=True)
class Busy(Report):
    """Another session is refreshing just then."""

    event = "busy"
    line = "another session is refreshing"


@dataclass(frozen=True, slots=True)
class Settled(Report):
    """Pending counts were added to the settled ones; `left` are held by open transactions."""

    event = "settled"

    counts: int
    left: int
    seconds: float

    @property
    def line(self) -> str:
        """Counts settled and left."""
        left = f", {self.left:,} left to others" if self.left else ""
        return f"settled {_number(self.counts, 'count')} in {self.seconds:.2f} s{left}"


@dataclass(frozen=True, slots=True)
class Lost(Report):
    """No server that can be written to answers; `before` says whether one did."""

    event = "lost"
    level = logging.WARNING

    why: str
    before: bool

    @property
    def line(self) -> str:
        """What became of the server."""
        what = "the server went away" if self.before else "there is no server to write to"
        return f"{what}: {self.why}; trying again"


@dataclass(frozen=True, slots=True)
class Refused(Report):
    """A server answers, and does not do what was asked."""

    event = "refused"
    level = logging.WARNING

    why: str

    @property
    def line(self) -> str:
        """What the server said."""
        return f"the server refused: {self.why}; trying again"


@dataclass(frozen=True, slots=True)
class Recovered(Report):
    """What was wrong is over, after so many seconds."""

    event = "recovered"

    seconds: float
    was: str

    @property
    def line(self) -> str:
        """What is well again."""
        what = "the server is there" if self.was == Lost.event else "it works"
        return f"{what} again after {self.seconds:.1f} s"


def log(report: Report) -> None:
    """Pass a report on to Python's logging, as `skillmeat.maintenance.refresh`."""
    LOGGER.log(report.level, report.line)


def _number(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
