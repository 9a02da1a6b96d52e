"""Upgrades and downgrades: concurrent, in a schema of any name, by psql and by plain Alembic."""

import shutil
import subprocess
import sys
from pathlib import Path

import alembic.config
import psycopg
import pytest

import skillmeat
from skillmeat import migration
from skillmeat.embedded import find_binaries
from tests.db.oracle import differences
from tests.db.sample import SAMPLE
from tests.migration.catalog import catalog

CHECKOUT = Path(skillmeat.__file__).parent.parent
REVISIONS = tuple(
    path.stem for path in sorted((CHECKOUT / "migrations" / "versions").glob("[0-9]*.py"))
)
LONGEST = 60
# The name `skillmeat` is that of almost all tests.
NAMES = ("order", pytest.param("_", marks=pytest.mark.exhaustive), "s" * 53, "public")


def test_every_revision_goes_up_and_down_again(empty_url: str) -> None:
    schema = "up_and_down"
    seen = {}
    for revision in REVISIONS:
        migration.upgrade(revision, url=empty_url, schema=schema)
        seen[revision] = objects(empty_url, schema)

    for below, revision in zip(("base", *REVISIONS), REVISIONS, strict=False):
        migration.downgrade(below, url=empty_url, schema=schema)
        migration.upgrade(revision, url=empty_url, schema=schema)
        assert objects(empty_url, schema) == seen[revision]


def test_after_every_downgrade_nothing_differs(url: str) -> None:
    with skillmeat.connect(url) as conn:
        conn.execute(SAMPLE)

    found = {}
    for below in reversed(REVISIONS[:-1]):
        migration.downgrade(below, url=url)
        found[below] = migration.check_schema(url=url).differences

    assert found == dict.fromkeys(REVISIONS[:-1], ())


def test_going_down_to_base_leaves_nothing(empty_url: str) -> None:
    migration.upgrade(url=empty_url, schema="gone")
    migration.downgrade("base", url=empty_url, schema="gone")

    with skillmeat.connect(empty_url, schema="gone") as conn:
        left = conn.execute(
            "select rolname from pg_roles where rolname like 'gone%' "
            "union all select nspname from pg_namespace where nspname = 'gone'"
        ).fetchall()
        assert left == []


@pytest.mark.usefixtures("template")
def test_going_down_to_base_leaves_no_setting_of_a_role_that_another_database_uses(
    empty_url: str,
) -> None:
    migration.upgrade(url=empty_url)

    migration.downgrade("base", url=empty_url)

    with psycopg.connect(empty_url) as conn:
        left = conn.execute(
            """
            select r.rolname, s.setconfig
            from pg_roles as r
            left join pg_db_role_setting as s
                on s.setrole = r.oid
                and s.setdatabase = (select oid from pg_database where datname = current_database())
            where r.rolname like 'skillmeat\\_%%'
            order by 1
            """
        ).fetchall()
    assert left == [("skillmeat_app", None), ("skillmeat_reader", None)]


def test_going_down_to_base_keeps_a_schema_with_other_objects(empty_url: str) -> None:
    migration.upgrade(url=empty_url, schema="shared")
    reported: list[str] = []
    with skillmeat.connect(empty_url, schema="shared", autocommit=True) as conn:
        conn.execute("create table mine ()")

        migration.downgrade("base", url=empty_url, schema="shared", report=reported.append)

        assert [name for name in catalog(conn) if name.startswith("relation")] == ["relation mine"]
    assert "schema shared stays: it holds other objects" in reported


def test_the_counts_survive_a_round_trip_with_rows(url: str) -> None:
    with skillmeat.connect(url) as conn:
        conn.execute(SAMPLE)

    migration.downgrade("0001_catalogue", url=url)
    with skillmeat.connect(url) as conn:
        conn.execute("delete from collection_artifacts where artifact_id = 'skill:s1'")
    migration.upgrade(url=url)

    with skillmeat.connect(url) as conn:
        assert differences(conn) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_may_have_any_name(empty_url: str, name: str) -> None:
    migration.upgrade(url=empty_url, schema=name)

    with skillmeat.connect(empty_url, schema=name) as conn:
        conn.execute(SAMPLE)
        conn.commit()
        assert differences(conn) == []


def test_two_schemas_of_one_database_are_independent(url: str) -> None:
    migration.upgrade(url=url, schema="two")
    with skillmeat.connect(url) as conn:
        conn.execute(SAMPLE)
        conn.execute("update collections set id = 'new' where id = 'p'")

    with skillmeat.connect(url, schema="two") as other:
        alone = other.execute("select count(*) from collection_summaries").fetchone()
        assert (alone, differences(other)) == ((0,), [])
    migration.downgrade("base", url=url, schema="two")
    with skillmeat.connect(url) as conn:
        assert differences(conn) == []


def test_two_concurrent_migrations_both_succeed(empty_url: str) -> None:
    upgrade = "from skillmeat import migration; print('ready', flush=True); migration.upgrade()"
    environment = {"SKILLMEAT_DATABASE_URL": empty_url, "SKILLMEAT_SCHEMA": "both"}

    with subprocess.Popen(
        [sys.executable, "-c", upgrade],
        cwd=CHECKOUT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        migration.upgrade(url=empty_url, schema="both")
        _, errors = other.communicate(timeout=LONGEST)

    assert (other.returncode, "Traceback" in errors) == (0, False)
    assert migration.get_status(url=empty_url, schema="both").up_to_date


def test_migrating_again_changes_nothing(url: str) -> None:
    before = objects(url, "skillmeat")

    migration.upgrade(url=url)

    assert objects(url, "skillmeat") == before


def test_the_script_run_by_psql_gives_the_same_schema(empty_url: str) -> None:
    psql = find_binaries() / "psql"
    script = migration.render_sql(schema="by_hand")

    ran = subprocess.run(
        [psql, "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", empty_url],
        input=script,
        text=True,
        capture_output=True,
        check=False,
    )

    migration.upgrade(url=empty_url, schema="by_code")
    assert (ran.returncode, "ERROR" in ran.stderr) == (0, False)
    assert migration.get_status(url=empty_url, schema="by_hand").up_to_date
    assert objects(empty_url, "by_hand") == objects(empty_url, "by_code")


def test_plain_alembic_works_in_a_checkout(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKILLMEAT_DATABASE_URL", empty_url)
    monkeypatch.chdir(CHECKOUT)

    upgraded = subprocess.run(
        [sys.executable, "-m", "alembic", "-x", "schema=plain", "upgrade", "head"],
        text=True,
        capture_output=True,
        check=False,
    )
    # It exits if it finds a difference.
    alembic.config.main(argv=["-x", "schema=plain", "check"])

    assert upgraded.returncode == 0, upgraded.stderr
    assert migration.get_status(url=empty_url, schema="plain").up_to_date


def test_an_upgrade_keeps_the_privileges_of_other_functions(empty_url: str) -> None:
    with psycopg.connect(empty_url, autocommit=True) as owner:
        owner.execute("create schema shared")
        owner.execute("create function shared.theirs() returns int language sql as 'select 1'")

        migration.upgrade(url=empty_url, schema="shared")

        allowed = owner.execute(
            "select has_function_privilege('public', 'shared.theirs()', 'execute')"
        ).fetchone()
    assert allowed == (True,)


def test_a_new_revision_without_arguments_is_told_what_it_needs() -> None:
    ran = subprocess.run(
        [shutil.which("make") or "make", "--no-print-directory", "revision"],
        cwd=CHECKOUT,
        text=True,
        capture_output=True,
        check=False,
    )

    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.splitlines()[0].endswith(
        'make revision REVISION=0006_name MESSAGE="What it does"'
    )


def objects(url: str, schema: str) -> dict[str, str]:
    """Return the objects of a schema without the name of the schema."""
    with skillmeat.connect(url, schema=schema) as conn:
        return {name: told.replace(schema, "S") for name, told in catalog(conn).items()}
