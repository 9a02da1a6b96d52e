"""`skillmeat status`: the server, the revision, the totals and the snapshot."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from skillmeat import embedded
from skillmeat.cli.connections import open_snapshot
from skillmeat.cli.options import AsJson
from skillmeat.cli.output import print_fields, print_json, with_fields
from skillmeat.cli.services import takes_all_services
from skillmeat.database.query import Conn
from skillmeat.database.revision_state import get_status
from skillmeat.database.revisions import advise
from skillmeat.errors import NotMigrated
from skillmeat.maintenance import (
    PageCost,
    SnapshotBypass,
    Totals,
    get_snapshot_bypass,
    get_totals,
    measure_page_cost,
)
from skillmeat.maintenance.refresh import RefreshStatus, get_refresh_status

REFRESH = "run `skillmeat refresh`"
BYPASS_REASONS = {
    "everything_changed": "a statement changed too much to list",
    "has_too_many_changes": "too many changes have gathered",
    "is_replaced": "another session has refreshed or altered the snapshot",
}


@dataclass(frozen=True, slots=True)
class CatalogueStatus:
    """The catalogue's figures in one snapshot; None for what does not exist."""

    totals: Totals | None = None
    snapshot: RefreshStatus | None = None
    bypass: SnapshotBypass | None = None
    page: PageCost | None = None


@takes_all_services
def status(*, as_json: AsJson = False) -> None:
    """Show the server, the schema's revision, the totals and the snapshot."""
    revision = get_status()
    with open_snapshot() as conn:
        version = conn.info.parameter_status("server_version")
        catalogue = _read_catalogue_status(conn)
    given = embedded.get_configured_url()
    shown_url = embedded.remove_password(given or embedded.get_catalogue_url())
    if as_json:
        print_json(
            {
                "server": {"version": version, "embedded": given is None, "url": shown_url},
                "schema": revision.schema,
                "revision": {
                    "current": revision.current,
                    "head": revision.head,
                    "up_to_date": revision.up_to_date,
                },
                "totals": catalogue.totals,
                "snapshot": catalogue.snapshot
                and with_fields(catalogue.snapshot, age_seconds=catalogue.snapshot.age_seconds),
                "page": catalogue.page and {**asdict(catalogue.page), "bypass": catalogue.bypass},
            }
        )
        return
    note = "up to date" if revision.up_to_date else advise(revision.current)
    print_fields(
        {
            "server": f"PostgreSQL {version}, {'embedded' if given is None else 'given'}",
            "url": shown_url,
            "schema": revision.schema,
            "revision": f"{revision.current or 'none'} ({note})",
            **(asdict(catalogue.totals) if catalogue.totals else {}),
            **(_snapshot_fields(catalogue.snapshot) if catalogue.snapshot else {}),
            **_page_fields(catalogue),
        }
    )


def format_bypass_reasons(bypass: SnapshotBypass) -> str:
    """Say why pages bypass the snapshot; an empty text if they use it."""
    return " and ".join(BYPASS_REASONS[name] for name, holds in asdict(bypass).items() if holds)


def _read_catalogue_status(conn: Conn) -> CatalogueStatus:
    held = snap = None
    try:
        held = get_totals(conn)
        snap = get_refresh_status(conn)
        if not snap.is_populated:
            return CatalogueStatus(held, snap)
        return CatalogueStatus(held, snap, get_snapshot_bypass(conn), measure_page_cost(conn))
    except NotMigrated:
        return CatalogueStatus(held, snap)


def _snapshot_fields(status: RefreshStatus) -> Mapping[str, str]:
    pending = f"{status.changes:,}"
    if status.oldest_seconds is not None:
        pending += f", the oldest {status.oldest_seconds:.1f} s old"
    return {
        "snapshot": _format_snapshot(status),
        "last refresh": _format_last_refresh(status),
        "changes since": pending,
    }


def _format_snapshot(status: RefreshStatus) -> str:
    if not status.is_populated:
        return f"empty: {REFRESH}"
    if not status.is_indexed:
        return f"without its unique index: {REFRESH}"
    if status.age_seconds is None:
        return "of unknown age"
    return f"at most {status.age_seconds:.1f} s old"


def _format_last_refresh(status: RefreshStatus) -> str:
    if status.refreshed_at is None or status.refresh_seconds is None:
        return "none recorded"
    when = status.refreshed_at.isoformat(sep=" ", timespec="seconds")
    return f"{when}, {status.absorbed:,} changes in {status.refresh_seconds:.2f} s"


def _page_fields(catalogue: CatalogueStatus) -> Mapping[str, str]:
    if catalogue.page is None or catalogue.bypass is None or catalogue.snapshot is None:
        return {}
    why = format_bypass_reasons(catalogue.bypass)
    way = (
        f"every artifact read live, because {why}"
        if why
        else f"the snapshot merged with {catalogue.snapshot.changes:,} changes"
    )
    took = f"{catalogue.page.milliseconds:.2f} ms and {catalogue.page.buffers:,} buffers"
    return {"a page of 50": f"{took}: {way}"}
