"""What a caller asks of a move."""

from collections.abc import Callable
from dataclasses import dataclass

from skillmeat.migration.environment import Report
from skillmeat.moving.clients import Clients

# Called with the name of the work, the number done, and the total or None.
OnProgress = Callable[[str, int, int | None], None]


def _ignore_progress(_what: str, _done: int, _total: int | None) -> None:
    pass


@dataclass(frozen=True, slots=True)
class MoveRequest:
    """Where a catalogue moves from and to, and its clients.

    `publisher` is the conninfo by which the new server reaches the old one, if it is not that of
    `old_url`.
    """

    clients: Clients
    old_url: str
    new_url: str
    report: Report
    on_progress: OnProgress = _ignore_progress
    publisher: str | None = None

    @property
    def schema(self) -> str:
        """The schema, which has the same name in both copies."""
        return self.clients.schema
