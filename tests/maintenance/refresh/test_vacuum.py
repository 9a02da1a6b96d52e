"""What settling and refreshing leave dead is removed by whoever may."""

from psycopg import Connection
from psycopg.conninfo import make_conninfo

import skillmeat
from skillmeat.maintenance.refresh.vacuum import LOGS, SNAPSHOT, vacuum
from tests.catalogue.test_roles import member_of

VACUUMED = """
    select relname
    from pg_stat_user_tables
    where vacuum_count > 0 and relname = any (%s)
    order by relname
"""
OURS = ["artifact_changes", "artifact_summaries_snapshot", "count_changes"]


def test_the_owner_vacuums_both_logs_and_the_snapshot(conn: Connection) -> None:
    done = [vacuum(conn, relations) for relations in (LOGS, SNAPSHOT)]

    found = [name for (name,) in conn.execute(VACUUMED, [OURS])]
    assert (done, found) == ([True, True], OURS)


def test_who_does_not_own_them_leaves_them_to_autovacuum(url: str, server_url: str) -> None:
    with (
        member_of("skillmeat_app", server_url) as name,
        skillmeat.connect(make_conninfo(url, user=name), autocommit=True) as conn,
    ):
        assert (vacuum(conn, LOGS), vacuum(conn, SNAPSHOT)) == (False, False)
