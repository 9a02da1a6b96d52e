"""No read goes to a server that was promoted beside the primary: it may lack its commits."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import httpx
import pytest
from psycopg import Connection

import skillmeat
from skillmeat.catalogue import get_collection
from skillmeat.database.positions import Position, get_position
from tests.api.serving import CONFIG, run_server
from tests.catalogue.sessions import eventually
from tests.replication.clusters import Cluster, new_cluster
from tests.replication.standby import PrimaryAndStandbys, execute, start_standby

DROP_SLOT: Final = """
    select pg_drop_replication_slot(slot_name)
    from pg_replication_slots
    where slot_name = 'fork' and not active
"""


@dataclass(frozen=True, slots=True)
class Fork:
    """A promoted server, ahead of the primary, and what was seen around its promotion.

    `session` was opened while the server was a standby at `known`. `answers` are those of an HTTP
    server directly after the promotion, and `problem` is what its poll has found then.
    """

    cluster: Cluster
    session: Connection[Any]
    known: Position
    answers: tuple[httpx.Response, ...]
    problem: str | None


@pytest.fixture(scope="module")
def fork(servers_to_read: PrimaryAndStandbys) -> Iterator[Fork]:
    """Promote a standby while the primary and an HTTP server that reads from both are running."""
    primary = servers_to_read.primary
    with (
        new_cluster(primary.binaries) as cluster,
        skillmeat.connect(primary.url, autocommit=True) as conn,
    ):
        start_standby(cluster, conn, primary=primary, slot="fork")
        config = replace(CONFIG, read_url=cluster.url)
        with (
            skillmeat.connect(cluster.url, autocommit=True) as session,
            run_server(primary.url, config) as running,
            running.client() as client,
        ):
            known = get_position(session)
            eventually(lambda: get_server(client.get("/user-collections")) == "standby")
            promote(cluster)
            answers = tuple(client.get("/user-collections") for _ in range(4))

            def find_problem() -> str | None:
                state = client.get(f"{running.address}/readyz").json()["standbys"][0]
                problem: str | None = state["problem"]
                return problem

            eventually(lambda: find_problem() is not None)
            eventually(lambda: conn.execute(DROP_SLOT).rowcount == 1)
            yield Fork(cluster, session, known, answers, find_problem())


def promote(standby: Cluster) -> None:
    execute(standby, "select pg_promote()")
    eventually(lambda: execute(standby, "select pg_is_in_recovery()") == [(False,)])
    execute(standby, "select pg_switch_wal()")
    execute(standby, "insert into collections (id, name) values ('fork', 'fork') returning id")


def get_server(answer: httpx.Response) -> str:
    return str(answer.headers.get("X-Catalogue-Server"))


def test_no_answer_comes_from_it(fork: Fork) -> None:
    assert {get_server(each) for each in fork.answers} == {"primary"}
    assert not any('"fork"' in each.text for each in fork.answers)


def test_readyz_names_the_reason(fork: Fork) -> None:
    assert "later timeline" in str(fork.problem)


def test_a_session_from_before_its_promotion_notices_it(fork: Fork, primary: Connection) -> None:
    assert get_position(fork.session, known=fork.known).is_forked_from(get_position(primary))


def test_no_reader_is_connected_to_it(servers_to_read: PrimaryAndStandbys, fork: Fork) -> None:
    with skillmeat.connect_for_reading(
        servers_to_read.primary.url, read_url=fork.cluster.url
    ) as conn:
        assert get_collection(conn, "fork") is None
