"""`skillmeat explain` shows the statements of a read, the rows that they read, and their cost."""

import pytest
from psycopg import Connection

from skillmeat.maintenance.refresh import refresh_snapshot
from tests.cli.commands import run

pytestmark = pytest.mark.usefixtures("filled_once")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("list",), "list_artifacts: 1 statement, 5 rows of 5 in "),
        (("list", "--limit", "2", "--after", "skill:s2"), "1 statement, 2 rows of 5 in "),
        (("list", "--type", "skill", "--tag", "unused"), "1 statement, 0 rows in "),
        (("list", "--search", "'no' %s {} such"), "1 statement, 0 rows in "),
        (("collections",), "list_collections: 1 statement, 1 row in "),
        (("collection", "docs"), "3 statements in all\n\nfind_collection: 1 statement, 1 row in "),
        (("collection", "Documents"), "list_artifacts: 1 statement, 3 rows of 3 in "),
    ],
)
def test_explain_prints_the_number_of_statements_and_rows(
    arguments: tuple[str, ...], says: str
) -> None:
    explained = run("explain", *arguments)

    assert (explained.code, says in explained.out) == (0, True)


def test_the_statement_is_shown_with_its_values() -> None:
    explained = run("explain", "list", "--type", "skill")

    assert "from artifact_summaries_json as s" in explained.out
    assert "s.id > ('{skill}'::text[])[1] || ':'" in " ".join(explained.out.split())


def test_the_server_runs_the_statement_that_sql_prints(filled: Connection) -> None:
    shown = run("explain", "list", "--limit", "2", "--sql").out

    assert len(filled.execute(shown.encode()).fetchall()) == 3


def test_after_a_refresh_a_page_reads_the_snapshot_and_no_artifact(filled: Connection) -> None:
    refresh_snapshot(filled)

    explained = run("explain", "list").out

    assert ("reads the snapshot in key order" in explained, "the artifacts  " in explained) == (
        True,
        False,
    )


def test_explain_prints_why_a_page_is_read_live(filled: Connection) -> None:
    refresh_snapshot(filled)
    filled.execute("insert into artifact_changes (artifact_id) values ('')")

    assert "note: every artifact is read live, because " in run("explain", "list").out


def test_plan_prints_the_plan_of_postgresql() -> None:
    assert "Planning Time:" in run("explain", "list", "--plan").out


def test_explain_as_json_has_each_read() -> None:
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
def test_a_read_that_fails_prints_no_traceback(arguments: tuple[str, ...]) -> None:
    refused = run("explain", *arguments)

    assert (refused.code in (1, 2), refused.out, "Traceback" in refused.err) == (True, "", False)


def test_explain_works_in_a_read_only_database(filled: Connection) -> None:
    filled.execute(
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
