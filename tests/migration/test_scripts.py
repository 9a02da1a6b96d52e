"""The script of `migrate sql` stops at the first error, and knows where it starts."""

import subprocess
from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

import skillmeat
from skillmeat import migration
from skillmeat.embedded import find_binaries
from tests.db.oracle import differences
from tests.db.sample import SAMPLE
from tests.migration.catalog import catalog

FAILED = 3


def run_psql(url: str, script: str) -> subprocess.CompletedProcess[str]:
    """Run a script as a DBA does, without any option that stops at an error."""
    return subprocess.run(
        [find_binaries() / "psql", "--no-psqlrc", url],
        input=script,
        text=True,
        capture_output=True,
        check=False,
    )


def test_a_script_that_fails_stops_and_leaves_no_part_of_its_revision(empty_url: str) -> None:
    with psycopg.connect(empty_url, autocommit=True) as owner:
        owner.execute("create schema skillmeat create table tags (mine int)")

    ran = run_psql(empty_url, migration.render_sql())

    with psycopg.connect(empty_url, autocommit=True) as owner:
        left = owner.execute(
            "select relname from pg_class where relnamespace = 'skillmeat'::regnamespace"
        ).fetchall()
    assert (ran.returncode, ran.stderr.count("ERROR"), left) == (FAILED, 1, [("tags",)])


@pytest.mark.parametrize("revisions", ["head", "0002_counts:head", "0003_summaries:0001_catalogue"])
def test_a_script_refuses_another_revision_before_it_changes_anything(
    url: str, conn: psycopg.Connection, revisions: str
) -> None:
    before = catalog(conn)

    ran = run_psql(url, migration.render_sql(revisions))

    assert (ran.returncode, ran.stderr.count("ERROR")) == (FAILED, 1)
    assert "schema skillmeat is at 0005_access" in ran.stderr
    assert catalog(conn) == before


def test_a_script_that_is_run_again_names_the_command_that_prints_what_is_left(
    empty_url: str,
) -> None:
    migration.upgrade("0002_counts", url=empty_url)

    ran = run_psql(empty_url, migration.render_sql())

    assert "skillmeat migrate sql 0002_counts:0005_access" in ran.stderr


def test_scripts_lead_down_through_every_revision_and_leave_nothing(url: str) -> None:
    order = ["base", "0001_catalogue", "0002_counts", "0003_summaries", "0004_search", "head"]
    with skillmeat.connect(url) as conn:
        conn.execute(SAMPLE)

    checked = []
    for above, below in zip(reversed(order), reversed(order[:-1]), strict=False):
        ran = run_psql(url, migration.render_sql(f"{above}:{below}"))
        assert (ran.returncode, "ERROR" in ran.stderr) == (0, False)
        if below != "base":
            checked.append(migration.check_schema(url=url).differences)
    again = run_psql(url, migration.render_sql("head:base"))

    with psycopg.connect(url) as owner:
        schemas = owner.execute("select from pg_namespace where nspname = 'skillmeat'").fetchall()
    assert (checked, schemas) == ([()] * 4, [])
    assert (again.returncode, "Nothing is left to undo" in again.stderr) == (3, True)


def test_a_script_continues_from_an_interrupted_backfill(first_url: str) -> None:
    with skillmeat.connect(first_url) as conn:
        conn.execute(SAMPLE)
    script = migration.render_sql("0001_catalogue:0002_counts")
    # psql ignores an \\if that the end of its input leaves open.
    run_psql(first_url, script[: script.index("do $backfill$")])
    before = migration.get_status(url=first_url).current

    ran = run_psql(first_url, migration.render_sql("0001_catalogue:head"))

    with skillmeat.connect(first_url) as conn:
        assert (before, ran.returncode, differences(conn)) == ("0001_catalogue", 0, [])
    assert migration.check_schema(url=first_url).differences == ()


def test_a_script_commits_also_where_psql_does_not_by_itself(empty_url: str) -> None:
    ran = run_psql(empty_url, f"\\set AUTOCOMMIT off\n{migration.render_sql()}")

    assert (ran.returncode, ran.stderr.count("ERROR")) == (0, 0)
    assert migration.get_status(url=empty_url).up_to_date


@pytest.fixture
def modest(empty_url: str) -> Iterator[str]:
    """Yield a role that owns a schema of its name, and may not create another."""
    name = f"modest_{uuid4().hex}"
    with psycopg.connect(empty_url, autocommit=True) as owner:
        owner.execute(f"create role {name}; create schema {name} authorization {name}".encode())
        owner.execute(f"revoke create on database {owner.info.dbname} from public".encode())
        yield name
        owner.execute(f"drop owned by {name} cascade; drop role {name}".encode())


def test_a_script_needs_no_create_on_the_database_where_the_schema_exists(
    empty_url: str, modest: str
) -> None:
    own_url = make_conninfo(empty_url, options=f"-c role={modest}")

    up = run_psql(own_url, migration.render_sql(schema=modest))
    status = migration.get_status(url=own_url, schema=modest)
    down = run_psql(own_url, migration.render_sql("head:base", schema=modest))

    assert (up.returncode, status.up_to_date, down.returncode) == (0, True, 0)
    assert f"schema {modest} stays: {modest} could not create it again" in down.stderr
