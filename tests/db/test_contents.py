"""A text stays as long as a version refers to it, and goes with the last one."""

import psycopg
import pytest
from psycopg import Connection

import skillmeat
from tests.concurrency.sessions import running, wait_until_blocked

SAMPLE = """
insert into artifacts (type, name) values ('skill', 'a'), ('skill', 'b'), ('skill', 'c');
insert into artifact_versions (artifact_id, content_hash)
values ('skill:a', 'both'), ('skill:a', 'own'), ('skill:b', 'both'), ('skill:c', 'c');
insert into artifact_contents (content_hash, content)
values ('both', 'x'), ('own', 'y'), ('c', 'z');
"""


def list_contents(conn: Connection) -> list[str]:
    rows = conn.execute("select content_hash from artifact_contents order by content_hash")
    return [row[0] for row in rows]


@pytest.mark.parametrize(
    ("statement", "left"),
    [
        ("delete from artifacts where name = 'a'", ["both", "c"]),
        ("delete from artifacts where name in ('a', 'b')", ["c"]),
        ("delete from artifact_versions where content_hash = 'own'", ["both", "c"]),
        (
            "update artifact_versions set content_hash = 'new' where content_hash = 'own'",
            ["both", "c"],
        ),
        ("update artifacts set name = 'd' where name = 'a'", ["both", "c", "own"]),
        ("delete from artifact_types where type = 'skill'", []),
        ("truncate artifacts cascade", []),
    ],
)
def test_a_text_is_deleted_with_its_last_version(
    conn: Connection, statement: str, left: list[str]
) -> None:
    conn.execute(SAMPLE)
    conn.execute(statement)
    assert list_contents(conn) == left


def test_two_sessions_that_delete_the_last_two_versions_delete_the_text(
    url: str, conn: Connection
) -> None:
    conn.execute(SAMPLE)
    with skillmeat.connect(url) as first, skillmeat.connect(url) as second:
        first.execute("delete from artifacts where name = 'a'")
        with running(second, "delete from artifacts where name = 'b'") as deleted:
            wait_until_blocked(conn, second, by=first, work=deleted)
            first.commit()
    assert list_contents(conn) == ["c"]


def test_a_text_is_at_most_one_mebibyte(conn: Connection) -> None:
    add = "insert into artifact_contents (content_hash, content) values (%s, %s)"
    conn.execute(add, ["at the limit", "\u00e9" * (1 << 19)])
    with pytest.raises(psycopg.errors.CheckViolation, match="content_is_at_most_1_mib"):
        conn.execute(add, ["beyond it", "\u00e9" * (1 << 19) + "x"])
