"""Compare counts and summaries with the truth, and repair them."""

from skillmeat.maintenance.batches import WHOLE_CATALOGUE, Scope
from skillmeat.maintenance.drift import (
    CountDrift,
    SummaryDrift,
    list_count_drift,
    list_summary_drift,
    repair_counts,
    repair_summaries,
    settle_counts,
)
from skillmeat.maintenance.foreign_keys import BrokenForeignKey
from skillmeat.maintenance.statistics import (
    PageCost,
    SnapshotBypass,
    Totals,
    get_snapshot_bypass,
    get_totals,
    measure_page_cost,
)
from skillmeat.maintenance.verify import Repaired, repair_catalogue, verify_catalogue

__all__ = [
    "WHOLE_CATALOGUE",
    "BrokenForeignKey",
    "CountDrift",
    "PageCost",
    "Repaired",
    "Scope",
    "SnapshotBypass",
    "SummaryDrift",
    "Totals",
    "get_snapshot_bypass",
    "get_totals",
    "list_count_drift",
    "list_summary_drift",
    "measure_page_cost",
    "repair_catalogue",
    "repair_counts",
    "repair_summaries",
    "settle_counts",
    "verify_catalogue",
]
