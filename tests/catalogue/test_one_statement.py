"""Every read is one SELECT, whatever it shows; every write but a bulk one is one statement."""

from collections.abc import Callable

import pytest
from psycopg import Connection

from skillmeat.api import queries
from skillmeat.catalogue.artifacts import get_artifact, list_artifacts
from skillmeat.catalogue.collections import find_collection, get_collection, list_collections
from skillmeat.catalogue.groups import get_group, list_groups
from skillmeat.catalogue.snapshot import list_artifacts_stale
from skillmeat.catalogue.tags import list_tags
from skillmeat.maintenance import (
    get_snapshot_bypass,
    get_totals,
    list_count_drift,
    list_summary_drift,
)
from skillmeat.maintenance.refresh import get_refresh_status
from tests.catalogue.test_transactions import WRITES, furnished
from tests.catalogue.traffic import traffic

__all__ = ["furnished"]

READS: dict[str, Callable[[Connection], object]] = {
    "get_collection": lambda conn: get_collection(conn, "one"),
    "find_collection": lambda conn: find_collection(conn, "One"),
    "list_collections": list_collections,
    "list_collections, a search": lambda conn: list_collections(conn, search="o", after="a"),
    "get_group": lambda conn: get_group(conn, "g"),
    "list_groups": lambda conn: list_groups(conn, "one"),
    "list_tags": list_tags,
    "get_artifact": lambda conn: get_artifact(conn, "skill:pdf"),
    "list_artifacts": list_artifacts,
    "list_artifacts, filtered": lambda conn: list_artifacts(
        conn, type="skill", collection="one", tag="t", after="agent:"
    ),
    "list_artifacts, backwards": lambda conn: list_artifacts(conn, before="skill:", type="agent"),
    "list_artifacts, of a collection": lambda conn: list_artifacts(conn, collection="one"),
    "list_artifacts, of a tag": lambda conn: list_artifacts(conn, tag="t"),
    "list_artifacts, a search": lambda conn: list_artifacts(
        conn, search="pdf", type="skill", collection="one", tag="t", after="99:skill:a"
    ),
    "queries.list_artifacts": lambda conn: queries.list_artifacts(conn, limit=20),
    "queries.list_artifacts, filtered": lambda conn: queries.list_artifacts(
        conn,
        limit=20,
        search="pdf",
        types=["skill"],
        collection="one",
        tags=["t"],
        before="skill:a",
    ),
    "queries.get_artifact": lambda conn: queries.get_artifact(conn, "skill:pdf"),
    "list_artifacts_stale": list_artifacts_stale,
    "list_artifacts_stale, filtered": lambda conn: list_artifacts_stale(
        conn, type="skill", before="skill:sql"
    ),
    "list_count_drift": list_count_drift,
    "list_summary_drift": list_summary_drift,
    "get_refresh_status": get_refresh_status,
    "get_snapshot_bypass": get_snapshot_bypass,
    "get_totals": get_totals,
}
PUTS_IN_BULK = ("put_artifacts",)


@pytest.mark.parametrize("name", READS)
def test_a_read_is_one_select_in_a_transaction_that_may_write_nothing(
    furnished: Connection, name: str
) -> None:
    furnished.execute("set default_transaction_read_only = on")

    with traffic(furnished) as sent:
        READS[name](furnished)

    assert sent.statements == 1


@pytest.mark.parametrize("name", sorted(WRITES.keys() - {*PUTS_IN_BULK}))
def test_a_write_is_one_statement(furnished: Connection, name: str) -> None:
    looked_up = name in {"delete_tag", "tag_artifacts", "untag_artifacts"}

    with traffic(furnished) as sent:
        WRITES[name](furnished)

    assert sent.statements == 1 + looked_up


def test_the_count_of_statements_counts(furnished: Connection) -> None:
    with traffic(furnished) as sent:
        get_collection(furnished, "one")
        furnished.execute("select 1; select 2")
        with furnished.transaction():
            get_collection(furnished, "one")

    assert sent.statements == 5
