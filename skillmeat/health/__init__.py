"""Whether counts and summaries are true, and what to do where they are not."""

from skillmeat.health.counts import Drift, drift, repair, settle
from skillmeat.health.references import Dangling
from skillmeat.health.rounds import Mended, repaired, verified
from skillmeat.health.scope import CATALOGUE, Scope
from skillmeat.health.summaries import SummaryDrift, repair_summaries, summary_drift
from skillmeat.health.totals import Totals, totals

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
