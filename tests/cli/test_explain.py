"""A person sees that a read is one statement, what it reads, and what makes it dear."""

import pytest
from psycopg import Connection

from skillmeat.maintenance.refresh import refresh_snapshot
from tests.cli.commands import run

pytestmark = pytest.mark.usefixtures("filled")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("list",), "list_artifacts: 1 statement, 5 rows of 5 in "),
        (("list", "--limit", "2", "--after", "skill:s2"), "1 statement, 2 rows of 5 in "),
        (("list", "--type", "skill", "--tag", "x"), "1 statement, 0 rows in "),
        (("list", "--search", "'no' %s {} such"), "1 statement, 0 rows in "),
        (("collections",), "list_collections: 1 statement, 1 row in "),
        (("collection", "docs"), "3 statements in all\n\nfind_collection: 1 statement, 1 row in "),
        (("collection", "Documents"), "list_artifacts: 1 statement, 3 rows of 3 in "),
    ],
)
def test_a_read_says_how_many_statements_and_rows_it_is(
    arguments: tuple[str, ...], says: str
) -> None:
    explained = run("explain", *arguments)

    assert (explained.code, says in explained.out) == (0, True)


def test_the_statement_is_shown_with_its_values() -> None:
    explained = run("explain", "list", "--type", "skill")

    assert "from artifact_summaries as s" in explained.out
    assert "s.id > ('{skill}'::text[])[1] || ':'" in " ".join(explained.out.split())


def test_what_is_shown_for_psql_is_what_psql_takes(conn: Connection) -> None:
    shown = run("explain", "list", "--limit", "2", "--sql").out

    assert len(conn.execute(shown.encode()).fetchall()) == 3


def test_after_a_refresh_a_page_reads_the_snapshot_and_no_artifact(conn: Connection) -> None:
    refresh_snapshot(conn)

    explained = run("explain", "list").out

    assert ("reads the snapshot in key order" in explained, "the artifacts  " in explained) == (
        True,
        False,
    )


def test_a_page_that_is_read_live_says_why(conn: Connection) -> None:
    refresh_snapshot(conn)
    conn.execute("insert into artifact_changes (artifact_id) values ('')")

    assert "note: every artifact is read live, because " in run("explain", "list").out


def test_the_plan_is_postgresql_s_own() -> None:
    assert "Planning Time:" in run("explain", "list", "--plan").out


def test_as_json_it_is_data() -> None:
    (read,) = run("explain", "collections", "--json").json["reads"]

    assert (read["name"], read["rows"], len(read["statements"])) == ("list_collections", 1, 1)


@pytest.mark.parametrize(
    "arguments",
    [
        ("collection", "nowhere"),
        ("list", "--after", "a", "--before", "b"),
        ("list", "--search", " "),
        ("list", "--sql", "--plan"),
    ],
)
def test_what_cannot_be_read_is_one_line(arguments: tuple[str, ...]) -> None:
    refused = run("explain", *arguments)

    assert (refused.code in (1, 2), refused.out, "Traceback" in refused.err) == (True, "", False)


def test_it_needs_no_more_than_reading(conn: Connection) -> None:
    conn.execute(
        """
        do $$
        begin
            execute format(
                'alter database %I set default_transaction_read_only = on', current_database()
            );
        end;
        $$
        """
    )

    assert run("explain", "collection", "docs").code == 0
