"""Whether counts and summaries are true, and what to do where they are not."""

from skillmeat.maintenance.counts import Drift, drift, repair, settle
from skillmeat.maintenance.foreign_keys import Dangling
from skillmeat.maintenance.scope import CATALOGUE, Scope
from skillmeat.maintenance.statistics import Totals, totals
from skillmeat.maintenance.summaries import SummaryDrift, repair_summaries, summary_drift
from skillmeat.maintenance.verify import Mended, repaired, verified

__all__ = [
    "CATALOGUE",
    "Dangling",
    "Drift",
    "Mended",
    "Scope",
    "SummaryDrift",
    "Totals",
    "drift",
    "repair",
    "repair_summaries",
    "repaired",
    "settle",
    "summary_drift",
    "totals",
    "verified",
]
