"""Keeps the snapshot fresh, so that pages stay cheap; they are exact without it."""

from skillmeat.refreshing.connecting import connector
from skillmeat.refreshing.policy import Policy
from skillmeat.refreshing.refresher import Refresher
from skillmeat.refreshing.report import Report
from skillmeat.refreshing.status import Status, refresh, status

__all__ = ["Policy", "Refresher", "Report", "Status", "connector", "refresh", "status"]
