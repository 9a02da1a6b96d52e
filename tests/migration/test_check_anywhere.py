"""A check of an intact schema finds nothing; a check that cannot run names what it needs."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import Connection, sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

import skillmeat
from skillmeat import migration
from skillmeat.embedded import find_binaries
from skillmeat.errors import DatabaseError, NotAllowed, NotMigrated, SkillMeatError
from tests.db.oracle import differences
from tests.db.sample import SAMPLE

CHECKOUT = Path(skillmeat.__file__).parent.parent
REVISIONS = tuple(
    path.stem for path in sorted((CHECKOUT / "migrations" / "versions").glob("[0-9]*.py"))
)
ODD = 'My "own" it\'s \\ schema'


@pytest.fixture
def owner_url(empty_url: str) -> Iterator[str]:
    """Yield the URL of an empty database for a role that may only create schemas in it."""
    name = f"plain_{uuid4().hex}"
    role = sql.Identifier(name)
    with psycopg.connect(empty_url, autocommit=True) as admin:
        database = sql.Identifier(admin.info.dbname)
        admin.execute(sql.SQL("create role {}").format(role))
        admin.execute(sql.SQL("grant create on database {} to {}").format(database, role))
        yield make_conninfo(empty_url, options=f"-c role={name}")
        admin.execute(sql.SQL("drop owned by {} cascade; drop role {}").format(role, role))


@pytest.mark.exhaustive
def test_every_revision_is_compared_with_itself(empty_url: str) -> None:
    found = {}
    for revision in REVISIONS:
        migration.upgrade(revision, url=empty_url)
        checked = migration.check_schema(url=empty_url)
        found[checked.revision] = checked.differences

    assert found == dict.fromkeys(REVISIONS, ())


def test_a_schema_of_an_odd_name_is_repaired_like_any_other(empty_url: str) -> None:
    migration.upgrade(url=empty_url, schema=ODD)
    with skillmeat.connect(empty_url, schema=ODD) as conn:
        conn.execute("drop view artifact_details cascade; drop function settle_counts()")
        conn.execute("alter table tags drop constraint tags_pkey cascade")
        conn.execute("alter table tags alter updated_at drop default")

    fixed = migration.fix_schema(url=empty_url, schema=ODD)

    assert (fixed.failed, fixed.remaining.differences) == ((), ())


def test_a_schema_is_repaired_whatever_isolation_level_the_database_has(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as conn:
        database = sql.Identifier(conn.info.dbname)
        level = sql.SQL("alter database {} set default_transaction_isolation = 'serializable'")
        conn.execute(level.format(database))
        conn.execute("drop index skillmeat.artifact_summaries_snapshot_id_idx")

    fixed = migration.fix_schema(url=url)

    assert (len(fixed.fixed), fixed.failed, fixed.remaining.differences) == (1, (), ())


def test_a_plain_owner_repairs_its_own_schema_and_without_group_roles_grants_nothing(
    owner_url: str,
) -> None:
    migration.upgrade(url=owner_url, schema="plain")
    with skillmeat.connect(owner_url, schema="plain") as conn:
        conn.execute("drop view artifact_details cascade; grant delete on tags to public")

    fixed = migration.fix_schema(url=owner_url, schema="plain")

    assert (fixed.failed, fixed.remaining.differences) == ((), ())


def test_in_a_schema_of_an_administrator_only_the_group_roles_lack_a_privilege(
    owner_url: str, empty_url: str
) -> None:
    owner = str(conninfo_to_dict(owner_url)["options"]).removeprefix("-c role=")
    notices: list[str] = []
    with psycopg.connect(empty_url, autocommit=True) as admin:
        admin.execute("create schema theirs")
        role = sql.Identifier(owner)
        admin.execute(sql.SQL("grant create, usage on schema theirs to {}").format(role))
        admin.execute("create role theirs_app; create role theirs_reader")
        try:
            migration.upgrade(url=owner_url, schema="theirs", report=notices.append)
            found = migration.check_schema(url=owner_url, schema="theirs").differences
            fixed = migration.fix_schema(url=owner_url, schema="theirs")
            admin.execute("grant usage on schema theirs to theirs_app, theirs_reader")
            granted = migration.check_schema(url=owner_url, schema="theirs").differences
        finally:
            admin.execute("drop owned by theirs_app, theirs_reader")
            admin.execute("drop role theirs_app, theirs_reader")

    assert "As its owner run: grant usage on schema theirs to" in " ".join(notices)
    assert {each.problem for each in found} == {
        "theirs_app may not USAGE",
        "theirs_reader may not USAGE",
    }
    assert {each.difference for each in fixed.failed} == set(found)
    assert {each.reason for each in fixed.failed} == {
        "its statements had no effect: run them as the owner of the schema"
    }
    assert fixed.fixed == granted == ()


def test_a_superuser_gives_recreated_objects_to_the_owner(owner_url: str, empty_url: str) -> None:
    migration.upgrade(url=owner_url, schema="plain")
    with skillmeat.connect(owner_url, schema="plain") as conn:
        conn.execute("drop view artifact_details cascade; drop function settle_counts()")

    fixed = migration.fix_schema(url=empty_url, schema="plain")

    assert (fixed.failed, migration.check_schema(url=owner_url, schema="plain").differences) == (
        (),
        (),
    )


def test_a_restored_dump_is_what_the_revision_installs(url: str, empty_url: str) -> None:
    programs = find_binaries()
    dump = subprocess.run([programs / "pg_dump", url], capture_output=True, check=True)
    # It continues after settings that an older server does not know: a newer pg_dump sets more.
    subprocess.run(
        [programs / "psql", "--no-psqlrc", "--quiet", empty_url],
        input=dump.stdout,
        capture_output=True,
        check=True,
    )

    assert migration.check_schema(url=empty_url).differences == ()


@pytest.mark.parametrize(
    "setting", ["standard_conforming_strings = off", "quote_all_identifiers = on"]
)
@pytest.mark.parametrize("by_script", [False, True])
def test_settings_of_the_database_change_neither_what_is_installed_nor_the_check(
    empty_url: str, setting: str, *, by_script: bool
) -> None:
    with psycopg.connect(empty_url, autocommit=True) as admin:
        database = sql.Identifier(admin.info.dbname)
        admin.execute(sql.SQL("alter database {} set {}").format(database, sql.SQL(setting)))
    if by_script:
        psql = str(find_binaries() / "psql")
        command = [psql, "--no-psqlrc", "--quiet", empty_url]
        subprocess.run(command, input=migration.render_sql(), text=True, check=True)
    else:
        migration.upgrade(url=empty_url)
    checked = migration.check_schema(url=empty_url)
    with psycopg.connect(empty_url, autocommit=True) as admin:
        database = sql.Identifier(admin.info.dbname)
        admin.execute(sql.SQL("alter database {} reset all").format(database))

    assert checked.differences == migration.check_schema(url=empty_url).differences == ()


def test_a_check_waits_for_no_writer_and_leaves_nothing_behind(url: str, conn: Connection) -> None:
    everything = "select count(*), max(oid) from pg_class"
    before = conn.execute(everything).fetchone()
    with conn.transaction():
        conn.execute(SAMPLE)
        conn.execute("lock table artifacts, collections in share row exclusive mode")

        checked = migration.check_schema(url=url)

    assert (checked.differences, conn.execute(everything).fetchone()) == ((), before)


def test_repair_corrects_the_drift_of_a_disabled_trigger(url: str, conn: Connection) -> None:
    conn.execute(SAMPLE)
    conn.execute("select settle_counts(), refresh_artifact_summaries()")
    conn.execute("alter table collection_artifacts disable trigger user")
    conn.execute("delete from collection_artifacts where collection_id = 'p'")

    fixed = migration.fix_schema(url=url)
    conn.execute("select repair_counts()")
    conn.execute("select repair_summaries()")

    assert (fixed.may_have_drifted, differences(conn)) == (True, [])


def test_pages_are_read_from_the_snapshot_again_after_its_grants_are_repaired(
    url: str, conn: Connection
) -> None:
    conn.execute("select refresh_artifact_summaries()")
    conn.execute("grant select on artifact_summaries_snapshot to public")

    migration.fix_schema(url=url)

    replaced = conn.execute("select is_replaced from snapshot_bypass").fetchone()
    assert replaced == (False,)


def test_a_fix_that_fails_does_not_stop_the_others(url: str, conn: Connection) -> None:
    conn.execute("alter table artifacts add column mine int")
    conn.execute("alter table tags disable trigger user")

    fixed = migration.fix_schema(url=url)

    assert [each.difference.name for each in fixed.failed] == ["artifacts.mine"]
    assert [each.name for each in fixed.remaining.differences] == ["artifacts.mine"]


def test_the_error_of_an_unmigrated_schema_names_the_command(empty_url: str) -> None:
    with pytest.raises(NotMigrated, match="run `skillmeat migrate up`"):
        migration.check_schema(url=empty_url)


def test_a_check_names_an_unknown_revision(url: str, conn: Connection) -> None:
    conn.execute("update alembic_version set version_num = '9999_later'")

    with pytest.raises(SkillMeatError, match="9999_later"):
        migration.check_schema(url=url)


def test_the_error_names_the_missing_privilege_to_create(url: str, conn: Connection) -> None:
    role = f"idle_{uuid4().hex}"
    name = sql.Identifier(role)
    conn.execute(sql.SQL("create role {}").format(name))
    conn.execute(sql.SQL("grant usage on schema skillmeat to {}").format(name))
    conn.execute(sql.SQL("grant select on alembic_version to {}").format(name))

    try:
        with pytest.raises(NotAllowed, match="it needs CREATE on the database"):
            migration.check_schema(url=make_conninfo(url, options=f"-c role={role}"))
    finally:
        conn.execute(sql.SQL("drop owned by {}").format(name))
        conn.execute(sql.SQL("drop role {}").format(name))


def test_a_check_of_an_owner_without_create_uses_the_schema_that_the_error_names(
    empty_url: str, owner_url: str
) -> None:
    migration.upgrade(url=owner_url, schema="plain")
    with psycopg.connect(empty_url, autocommit=True) as admin:
        (role,) = admin.execute(
            "select nspowner::regrole::text from pg_namespace where nspname = 'plain'"
        ).fetchone() or ("",)
        database = admin.info.dbname
        admin.execute(f"revoke create on database {database} from {role}".encode())
        with pytest.raises(NotAllowed, match="it needs CREATE on the database") as refused:
            migration.check_schema(url=owner_url, schema="plain")
        admin.execute(str(refused.value).partition(" from an administrator: ")[2].encode())
        with skillmeat.connect(owner_url, schema="plain") as conn:
            conn.execute("drop view artifact_details cascade; grant delete on tags to public")

        fixed = migration.fix_schema(url=owner_url, schema="plain")

        left = admin.execute(
            "select from pg_class where relnamespace = 'skillmeat_check_reference'::regnamespace"
        ).fetchall()
    assert (len(fixed.fixed) > 1, fixed.remaining.differences, left) == (True, (), [])


def test_the_error_of_a_read_only_session_names_what_a_check_needs(url: str) -> None:
    reading = make_conninfo(url, options="-c default_transaction_read_only=on")

    with pytest.raises(DatabaseError, match="it needs a primary"):
        migration.check_schema(url=reading)


def test_a_fix_that_waits_for_a_writer_has_fixed_the_tables_before(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("skillmeat.migration.schema_diff.fix.ATTEMPTS", 2)
    with skillmeat.connect(url) as writer:
        writer.execute("alter table groups drop constraint groups_position_is_not_negative")
        writer.execute("drop index tags_name_idx")
        writer.commit()
        writer.execute("insert into tags (name, slug) values ('T', 't')")

        fixed = migration.fix_schema(url=url)

    assert [each.name for each in fixed.fixed] == ["groups.groups_position_is_not_negative"]
    assert [each.difference.name for each in fixed.failed] == ["tags_name_idx"]
    assert [each.name for each in fixed.remaining.differences] == ["tags_name_idx"]
