"""`/readyz` reports ready only if the schema, the database and the counts are as they should be."""

import httpx
from psycopg import Connection

from skillmeat import migration
from skillmeat.maintenance import repair_counts
from tests.api.serving import RunningServer, run_server
from tests.catalogue.sessions import eventually


def readyz(running: RunningServer) -> tuple[int, dict[str, object]]:
    """Return the status and the body of /readyz."""
    answer = httpx.get(f"{running.address}/readyz", timeout=30)
    return answer.status_code, answer.json()


def test_a_healthy_catalogue_is_ready(url: str) -> None:
    with run_server(url) as running:
        eventually(lambda: readyz(running)[0] == 200)
        _, body = readyz(running)

    assert (body["status"], body["revision"], body["drift"], body["problems"]) == (
        "ready",
        migration.get_head(),
        0,
        [],
    )


def test_readyz_reports_drift_that_exists_at_the_start(url: str, conn: Connection) -> None:
    conn.execute("insert into collections (id, name) values ('c', 'C')")
    conn.execute("set session_replication_role = replica")
    conn.execute("update collections set artifact_count = 7 where id = 'c'")

    with run_server(url) as running:
        eventually(lambda: readyz(running)[1]["drift"] is not None)
        status, body = readyz(running)

    repair_counts(conn)
    assert (status, body["drift"], body["problems"]) == (
        503,
        1,
        ["1 counts or summaries have drifted: run `skillmeat repair`"],
    )


def test_readyz_reports_a_schema_at_another_revision(url: str) -> None:
    migration.downgrade("0004_search", url=url)

    with run_server(url) as running:
        status, body = readyz(running)
        alive = httpx.get(f"{running.address}/healthz").status_code

    assert (status, alive, "skillmeat migrate up" in str(body["problems"])) == (503, 200, True)
