"""Keeps the snapshot fresh, so that pages stay cheap; they are exact without it."""

from skillmeat.maintenance.refresh.connections import connector
from skillmeat.maintenance.refresh.events import Report
from skillmeat.maintenance.refresh.policy import Policy
from skillmeat.maintenance.refresh.service import Refresher
from skillmeat.maintenance.refresh.status import Status, refresh, status

__all__ = ["Policy", "Refresher", "Report", "Status", "connector", "refresh", "status"]
