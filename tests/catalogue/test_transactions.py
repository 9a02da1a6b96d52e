"""Nothing is committed but by the caller, whichever function is called, first or later."""

from collections.abc import Callable

import pytest
from psycopg import Connection
from psycopg.pq import TransactionStatus

import skillmeat
from skillmeat.catalogue import NewArtifact, add_artifacts, create_collection, put_artifacts
from skillmeat.errors import (
    DatabaseError,
    Duplicate,
    InvalidValue,
    UnknownArtifact,
    UnknownArtifactType,
)
from skillmeat.maintenance import get_totals
from tests.catalogue.calls import WRITES

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


def state(conn: Connection) -> object:
    return conn.execute(STATE).fetchone()


@pytest.mark.parametrize("name", WRITES)
def test_the_callers_rollback_undoes_the_first_call_on_a_connection(
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
def test_a_rolled_back_transaction_block_undoes_the_calls_in_it(
    furnished: Connection, name: str
) -> None:
    before = state(furnished)

    with furnished.transaction(force_rollback=True):
        WRITES[name](furnished)

    assert state(furnished) == before


def test_the_callers_commit_keeps_the_changes(furnished: Connection, url: str) -> None:
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
def test_a_transaction_continues_from_a_savepoint_after_an_error(
    furnished: Connection, call: Callable[[Connection], object], error: type[DatabaseError]
) -> None:
    with furnished.transaction():
        create_collection(furnished, id="three", name="Three")
        with pytest.raises(error), furnished.transaction():
            call(furnished)
        add_artifacts(furnished, "three", ["skill:pdf"])

    assert get_totals(furnished).collections == 3
