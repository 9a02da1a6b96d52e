"""Keep the snapshot fresh, and pages cheap; pages are exact without it."""

from skillmeat.maintenance.refresh.events import RefreshEvent, Watching
from skillmeat.maintenance.refresh.policy import Policy
from skillmeat.maintenance.refresh.service import Refresher, refresh_once
from skillmeat.maintenance.refresh.status import (
    RefreshStatus,
    get_refresh_status,
    refresh_snapshot,
)

__all__ = [
    "Policy",
    "RefreshEvent",
    "RefreshStatus",
    "Refresher",
    "Watching",
    "get_refresh_status",
    "refresh_once",
    "refresh_snapshot",
]
