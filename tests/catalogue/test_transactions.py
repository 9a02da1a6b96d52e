"""Nothing is committed but by the caller, whichever function is called, first or later."""

from collections.abc import Callable

import pytest
from psycopg import Connection
from psycopg.pq import TransactionStatus

import skillmeat
from skillmeat.catalogue.artifacts import delete_artifact
from skillmeat.catalogue.bulk import NewArtifact, put_artifacts
from skillmeat.catalogue.collections import create_collection, delete_collection, edit_collection
from skillmeat.catalogue.group_members import add_to_group, remove_from_group
from skillmeat.catalogue.groups import create_group, delete_group, edit_group
from skillmeat.catalogue.memberships import add_artifacts, remove_artifacts
from skillmeat.catalogue.tags import create_tag, delete_tag, tag_artifacts, untag_artifacts
from skillmeat.errors import (
    DatabaseError,
    Duplicate,
    InvalidValue,
    UnknownArtifact,
    UnknownArtifactType,
)
from skillmeat.maintenance import get_totals, repair_counts, settle_counts
from tests.catalogue.conftest import ARTIFACTS

WRITES: dict[str, Callable[[Connection], object]] = {
    "create_collection": lambda conn: create_collection(conn, name="new"),
    "edit_collection": lambda conn: edit_collection(conn, "one", name="new"),
    "delete_collection": lambda conn: delete_collection(conn, "one"),
    "create_group": lambda conn: create_group(conn, "one", name="new"),
    "edit_group": lambda conn: edit_group(conn, "g", name="new"),
    "delete_group": lambda conn: delete_group(conn, "g"),
    "add_to_group": lambda conn: add_to_group(conn, "g", ["skill:sql"]),
    "remove_from_group": lambda conn: remove_from_group(conn, "g", ["skill:pdf"]),
    "create_tag": lambda conn: create_tag(conn, name="new"),
    "delete_tag": lambda conn: delete_tag(conn, tag_of(conn)),
    "tag_artifacts": lambda conn: tag_artifacts(conn, tag_of(conn), ["skill:sql"]),
    "untag_artifacts": lambda conn: untag_artifacts(conn, tag_of(conn), ["skill:pdf"]),
    "add_artifacts": lambda conn: add_artifacts(conn, "two", ARTIFACTS),
    "remove_artifacts": lambda conn: remove_artifacts(conn, "one", ARTIFACTS),
    "put_artifacts": lambda conn: put_artifacts(conn, [NewArtifact("skill", "pdf", title="new")]),
    "delete_artifact": lambda conn: delete_artifact(conn, "skill:pdf"),
    "settle": settle_counts,
    "repair": repair_counts,
}

STATE = """
    select
        (select json_agg(row(a.*, a.xmin) order by a.id)::text from artifacts as a),
        (select json_agg(row(c.*, c.xmin) order by c.id)::text from collections as c),
        (select json_agg(row(m.*, m.xmin))::text from collection_artifacts as m),
        (select json_agg(row(g.*, g.xmin))::text from groups as g),
        (select json_agg(row(m.*, m.xmin))::text from group_artifacts as m),
        (select json_agg(row(t.*, t.xmin) order by t.id)::text from tags as t),
        (select json_agg(row(x.*, x.xmin))::text from artifact_tags as x)
"""


def tag_of(conn: Connection) -> str:
    row = conn.execute("select id from tags").fetchone()
    assert row is not None
    return str(row[0])


def state(conn: Connection) -> object:
    return conn.execute(STATE).fetchone()


@pytest.fixture
def furnished(small: Connection) -> Connection:
    add_artifacts(small, "one", ARTIFACTS)
    create_group(small, "one", id="g", name="G")
    add_to_group(small, "g", ["skill:pdf"])
    tag_artifacts(small, create_tag(small, name="t").id, ["skill:pdf"])
    return small


@pytest.mark.parametrize("name", WRITES)
def test_the_first_call_on_a_connection_is_undone_by_the_callers_rollback(
    furnished: Connection, url: str, name: str
) -> None:
    before = state(furnished)
    with skillmeat.connect(url) as conn:
        WRITES[name](conn)

        assert conn.info.transaction_status == TransactionStatus.INTRANS
        assert state(furnished) == before
        conn.rollback()

    assert state(furnished) == before


@pytest.mark.parametrize("name", WRITES)
def test_in_autocommit_a_call_is_its_own_transaction(furnished: Connection, name: str) -> None:
    WRITES[name](furnished)

    assert furnished.info.transaction_status == TransactionStatus.IDLE


@pytest.mark.parametrize("name", WRITES)
def test_a_call_inside_a_transaction_block_is_undone_with_it(
    furnished: Connection, name: str
) -> None:
    before = state(furnished)

    with furnished.transaction(force_rollback=True):
        WRITES[name](furnished)

    assert state(furnished) == before


def test_what_the_caller_commits_is_there(furnished: Connection, url: str) -> None:
    with skillmeat.connect(url) as conn:
        put_artifacts(conn, [NewArtifact("skill", "new")])
        add_artifacts(conn, "two", ["skill:new"])

    assert (get_totals(furnished).artifacts, get_totals(furnished).memberships) == (5, 5)


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda conn: create_collection(conn, name="One"), Duplicate),
        (lambda conn: create_collection(conn, name=""), InvalidValue),
        (lambda conn: add_artifacts(conn, "one", ["skill:no"]), UnknownArtifact),
        (lambda conn: put_artifacts(conn, [NewArtifact("no", "x")]), UnknownArtifactType),
    ],
)
def test_after_a_refusal_a_savepoint_lets_the_transaction_go_on(
    furnished: Connection, call: Callable[[Connection], object], error: type[DatabaseError]
) -> None:
    with furnished.transaction():
        create_collection(furnished, id="three", name="Three")
        with pytest.raises(error), furnished.transaction():
            call(furnished)
        add_artifacts(furnished, "three", ["skill:pdf"])

    assert get_totals(furnished).collections == 3
