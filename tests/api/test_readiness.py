"""Whether the server says that it is ready only when it is."""

import httpx
from psycopg import Connection

from skillmeat import migration
from skillmeat.maintenance import repair_counts
from tests.api.serving import RunningServer, run_server


def readyz(running: RunningServer) -> tuple[int, dict[str, object]]:
    """The status and the body of /readyz."""
    answer = httpx.get(f"{running.address}/readyz")
    return answer.status_code, answer.json()


def until(running: RunningServer, status: int) -> dict[str, object]:
    """The body of /readyz as soon as it has this status; fails by the test's own time limit."""
    while True:
        found, body = readyz(running)
        if found == status:
            return body


def test_a_healthy_catalogue_is_ready(url: str) -> None:
    with run_server(url) as running:
        body = until(running, 200)

    assert (body["status"], body["revision"], body["drift"], body["problems"]) == (
        "ready",
        migration.get_head(),
        0,
        [],
    )


def test_drift_at_the_start_is_reported(url: str, conn: Connection) -> None:
    conn.execute("insert into collections (id, name) values ('c', 'C')")
    conn.execute("set session_replication_role = replica")
    conn.execute("update collections set artifact_count = 7 where id = 'c'")

    with run_server(url) as running:
        while readyz(running)[1]["drift"] is None:
            pass
        status, body = readyz(running)

    repair_counts(conn)
    assert (status, body["drift"], body["problems"]) == (
        503,
        1,
        ["1 counts or summaries have drifted: run `skillmeat repair`"],
    )


def test_another_revision_is_reported(url: str) -> None:
    migration.downgrade("0004_search", url=url)

    with run_server(url) as running:
        status, body = readyz(running)
        alive = httpx.get(f"{running.address}/healthz").status_code

    assert (status, alive, "skillmeat migrate up" in str(body["problems"])) == (503, 200, True)
