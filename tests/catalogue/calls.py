"""A call of every function of the catalogue, on the rows of the fixture `furnished`."""

from collections.abc import Callable

from psycopg import Connection

from skillmeat.api import queries
from skillmeat.catalogue import (
    NewArtifact,
    add_artifacts,
    add_to_group,
    copy_group,
    create_collection,
    create_group,
    create_tag,
    create_token,
    delete_artifact,
    delete_collection,
    delete_group,
    delete_tag,
    edit_artifact,
    edit_collection,
    edit_group,
    edit_tag,
    find_collection,
    find_tag,
    get_artifact,
    get_collection,
    get_content,
    get_group,
    get_token_scopes,
    list_artifacts,
    list_artifacts_stale,
    list_collections,
    list_groups,
    list_tags,
    list_tokens,
    move_in_group,
    order_groups,
    put_artifacts,
    remove_artifacts,
    remove_from_group,
    replace_tags,
    revoke_token,
    suggest_keys,
    tag_artifacts,
    untag_artifacts,
)
from skillmeat.errors import UnknownTag
from skillmeat.maintenance import (
    get_snapshot_bypass,
    get_totals,
    list_count_drift,
    list_summary_drift,
    repair_counts,
    settle_counts,
)
from skillmeat.maintenance.refresh import get_refresh_status
from tests.catalogue.conftest import ARTIFACTS

READS: dict[str, Callable[[Connection], object]] = {
    "get_collection": lambda conn: get_collection(conn, "one"),
    "find_collection": lambda conn: find_collection(conn, "One"),
    "list_collections": list_collections,
    "list_collections, a search": lambda conn: list_collections(conn, search="o", after="a"),
    "list_collections, by name": lambda conn: list_collections(conn, sort="name", after="a\tA"),
    "get_group": lambda conn: get_group(conn, "g"),
    "list_groups": lambda conn: list_groups(conn, "one"),
    "find_tag": lambda conn: find_tag(conn, "t"),
    "list_tags": list_tags,
    "suggest_keys": lambda conn: suggest_keys(conn, UnknownTag.from_ids("tt")),
    "get_artifact": lambda conn: get_artifact(conn, "skill:pdf"),
    "get_content": lambda conn: get_content(conn, "skill:pdf"),
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
    "queries.list_artifact_groups": lambda conn: queries.list_artifact_groups(conn, "skill:pdf"),
    "queries.list_artifacts": lambda conn: queries.list_artifacts(conn, limit=20),
    "queries.list_artifacts, filtered": lambda conn: queries.list_artifacts(
        conn,
        limit=20,
        search="pdf",
        types=["skill"],
        collection="one",
        tags=["t"],
        before="9:skill:a",
    ),
    "queries.can_write": queries.can_write,
    "queries.get_collection": lambda conn: queries.get_collection(conn, "one", with_groups=True),
    "queries.list_collections": lambda conn: queries.list_collections(conn, limit=20, search="o"),
    "queries.list_collection_artifacts": lambda conn: queries.list_collection_artifacts(
        conn, "one", limit=20, group="g", with_groups=True
    ),
    "queries.get_group": lambda conn: queries.get_group(conn, "g", with_artifacts=True),
    "queries.list_groups": lambda conn: queries.list_groups(conn, "one", artifact="skill:pdf"),
    "queries.get_summary": lambda conn: queries.get_summary(conn, zeros={}),
    "queries.get_tag": lambda conn: queries.get_tag(conn, "t"),
    "queries.list_tags": lambda conn: queries.list_tags(conn, limit=20),
    "queries.search_tags": lambda conn: queries.search_tags(conn, "t", limit=20),
    "queries.get_artifact_tags": lambda conn: queries.get_artifact_tags(conn, "skill:pdf"),
    "queries.get_artifact_history": lambda conn: queries.get_artifact_history(
        conn, "skill:pdf", limit=1
    ),
    "queries.list_artifact_files": lambda conn: queries.list_artifact_files(conn, "skill:pdf"),
    "queries.get_artifact_file": lambda conn: queries.get_artifact_file(
        conn, "skill:pdf", path="SKILL.md"
    ),
    "queries.get_artifact_content": lambda conn: queries.get_artifact_content(
        conn, "skill:pdf", version=None
    ),
    "queries.get_linked_artifacts": lambda conn: queries.get_linked_artifacts(conn, "skill:pdf"),
    "queries.get_composite": lambda conn: queries.get_composite(conn, "composite:c"),
    "queries.list_composites": lambda conn: queries.list_composites(conn, "one"),
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
WRITES: dict[str, Callable[[Connection], object]] = {
    "create_collection": lambda conn: create_collection(conn, name="new"),
    "edit_collection": lambda conn: edit_collection(conn, "one", name="new"),
    "delete_collection": lambda conn: delete_collection(conn, "one"),
    "create_group": lambda conn: create_group(conn, "one", name="new"),
    "copy_group": lambda conn: copy_group(conn, "g", to_collection="two"),
    "edit_group": lambda conn: edit_group(conn, "g", name="new"),
    "delete_group": lambda conn: delete_group(conn, "g"),
    "order_groups": lambda conn: order_groups(conn, "one", ["g"]),
    "add_to_group": lambda conn: add_to_group(conn, "g", ["skill:sql"]),
    "move_in_group": lambda conn: move_in_group(conn, "g", {"skill:pdf": 1}),
    "remove_from_group": lambda conn: remove_from_group(conn, "g", ["skill:pdf"]),
    "create_tag": lambda conn: create_tag(conn, name="new"),
    "delete_tag": lambda conn: delete_tag(conn, tag_of(conn)),
    "edit_tag": lambda conn: edit_tag(conn, tag_of(conn), name="new"),
    "replace_tags": lambda conn: replace_tags(conn, "skill:pdf", ["new"]),
    "tag_artifacts": lambda conn: tag_artifacts(conn, tag_of(conn), ["skill:sql"]),
    "untag_artifacts": lambda conn: untag_artifacts(conn, tag_of(conn), ["skill:pdf"]),
    "add_artifacts": lambda conn: add_artifacts(conn, "two", ARTIFACTS),
    "remove_artifacts": lambda conn: remove_artifacts(conn, "one", ARTIFACTS),
    "put_artifacts": lambda conn: put_artifacts(conn, [NewArtifact("skill", "pdf", title="new")]),
    "edit_artifact": lambda conn: edit_artifact(conn, "skill:pdf", title="new"),
    "delete_artifact": lambda conn: delete_artifact(conn, "skill:pdf"),
    "settle": settle_counts,
    "repair": repair_counts,
}
# With a token `old`. The owner alone may write tokens, and readers may not read them.
TOKENS: dict[str, Callable[[Connection], object]] = {
    "create_token": lambda conn: create_token(conn, name="new"),
    "get_token_scopes": get_token_scopes,
    "list_tokens": list_tokens,
    "revoke_token": lambda conn: revoke_token(conn, "old"),
}


def tag_of(conn: Connection) -> str:
    row = conn.execute("select id from tag_summaries").fetchone()
    assert row is not None
    return str(row[0])
