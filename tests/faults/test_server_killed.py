"""A server whose processes are all killed has everything that it acknowledged, and nothing else."""

import random

from psycopg import Connection

from skillmeat.maintenance import settle_counts
from skillmeat.maintenance.refresh import get_refresh_status, refresh_snapshot
from tests.db.oracle import differences, pending
from tests.faults.rounds import compare, journals, run_round
from tests.faults.servers import OwnServer
from tests.faults.state import contents, stale_rows
from tests.maintenance.refresh.refreshers import running_refresher

COMMITS = 200


def test_only_acknowledged_commits_survive_a_kill_of_the_server(
    own: OwnServer,
) -> None:
    writers = journals(seed=4)
    with own.session() as conn:
        others = contents(conn)

    with running_refresher(own.url):
        seen = run_round(own, writers, fault=kill_server, choice=random.Random(4), commits=COMMITS)  # noqa: S311
        wrong = compare(own, writers, others)

    assert (seen, wrong, min(each.commits for each in writers) > 0) == ([], [], True)


def test_pending_counts_are_exact_after_a_kill_of_the_server(own: OwnServer) -> None:
    with own.session() as conn:
        leave_pending(own, conn)
        expected = (pending(conn), get_refresh_status(conn).changes, contents(conn))

    own.kill()
    own.start()

    with own.session() as conn:
        assert (pending(conn), get_refresh_status(conn).changes, contents(conn)) == expected
        assert differences(conn) == []
        assert (settle_counts(conn), pending(conn), differences(conn)) == (0, 0, [])
        assert (refresh_snapshot(conn), stale_rows(conn), differences(conn)) == (
            expected[1],
            [],
            [],
        )


def kill_server(own: OwnServer, _: random.Random) -> None:
    own.kill()
    own.start()


def leave_pending(own: OwnServer, conn: Connection) -> None:
    """Change collections while another session holds their rows, and refresh nothing."""
    with own.session(autocommit=False) as holder:
        holder.execute("select from collections for no key update")
        conn.execute("delete from collection_artifacts where artifact_id = 'skill:s1'")
        conn.execute("update artifacts set name = 'renamed' where name = 's2'")
        conn.execute("insert into groups (collection_id, name) values ('p', 'N')")
    assert pending(conn) > 0
