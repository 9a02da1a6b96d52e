"""A database may grant privileges or add triggers at each CREATE; migrations and checks notice."""

import subprocess
from collections.abc import Callable, Iterator
from uuid import uuid4

import psycopg
import pytest
from psycopg import Connection

from skillmeat import migration
from skillmeat.embedded import find_binaries

DEFAULT_PRIVILEGES = """
alter default privileges grant all on tables to {role}, skillmeat_app;
alter default privileges grant all on sequences to {role}, skillmeat_app;
alter default privileges grant all on functions to {role}, skillmeat_app;
alter default privileges grant all on types to {role};
alter default privileges grant all on schemas to {role};
"""
EVENT_TRIGGER = """
create function public.audit() returns trigger language plpgsql as 'begin return null; end';
create function public.add_to_tables() returns event_trigger language plpgsql as $$
declare
    created record;
begin
    for created in select * from pg_event_trigger_ddl_commands() loop
        if created.command_tag = 'CREATE TABLE' then
            execute format('grant select on %s to {role}', created.object_identity);
            execute format('alter table %s enable row level security', created.object_identity);
            execute format('create policy added on %s using (true)', created.object_identity);
            execute format('create trigger added after insert on %s for each statement
                execute function public.audit()', created.object_identity);
            execute format('alter table %s add column added_beside text', created.object_identity);
        end if;
    end loop;
end;
$$;
create event trigger add_to_tables on ddl_command_end execute function public.add_to_tables();
"""
PRIVILEGES = """
select o.name, g.privilege_type
from (
    select nspname::text, nspacl from pg_namespace where nspname = 'skillmeat'
    union all
    select relname, relacl from pg_class where relnamespace = 'skillmeat'::regnamespace
    union all
    select proname, proacl from pg_proc where pronamespace = 'skillmeat'::regnamespace
    union all
    select typname, typacl from pg_type where typnamespace = 'skillmeat'::regnamespace
    union all
    select attrelid::regclass || '.' || attname, attacl
    from pg_attribute
    inner join pg_class on pg_class.oid = attrelid
    where relnamespace = 'skillmeat'::regnamespace
) as o (name, acl), aclexplode(o.acl) as g
where g.grantee = %s::regrole
"""
ADDED = "artifact_tags.added"


def run_script(url: str) -> None:
    """Upgrade by the script and psql."""
    subprocess.run(
        [find_binaries() / "psql", "--no-psqlrc", "--quiet", "--output=/dev/null", url],
        input=migration.render_sql(),
        text=True,
        check=True,
        stderr=subprocess.DEVNULL,
    )


def run_upgrade(url: str) -> None:
    """Upgrade revision by revision."""
    for revision in ("0001_catalogue", "0002_counts", "head"):
        migration.upgrade(revision, url=url, report=lambda _: None)


def list_privileges(conn: Connection, role: str) -> set[tuple[str, str]]:
    """Return the objects of the schema on which a role has a privilege, and the privilege."""
    conn.execute("set search_path = pg_catalog")
    return {*conn.execute(PRIVILEGES, [role]).fetchall()}


@pytest.fixture
def role(empty_url: str) -> Iterator[str]:
    """Yield a role without any grant of a revision."""
    name = f"mallory_{uuid4().hex}"
    with psycopg.connect(empty_url, autocommit=True) as owner:
        owner.execute(f"create role {name}".encode())
        yield name
        owner.execute(f"drop owned by {name}; drop role {name}".encode())


@pytest.mark.parametrize("migrate", [run_upgrade, run_script])
def test_a_migration_revokes_what_default_privileges_grant(
    empty_url: str, role: str, conn: Connection, migrate: Callable[[str], None]
) -> None:
    with psycopg.connect(empty_url, autocommit=True) as owner:
        owner.execute(DEFAULT_PRIVILEGES.replace("{role}", role).encode())

        migrate(empty_url)

        granted = list_privileges(owner, role)
        of_application = list_privileges(owner, "skillmeat_app")
    assert (granted, of_application) == (set(), list_privileges(conn, "skillmeat_app"))
    assert migration.check_schema(url=empty_url).differences == ()


def test_a_migration_says_once_from_which_roles_it_revokes(empty_url: str, role: str) -> None:
    with psycopg.connect(empty_url, autocommit=True) as owner:
        owner.execute(DEFAULT_PRIVILEGES.replace("{role}", role).encode())
    reported: list[str] = []

    migration.upgrade(url=empty_url, report=reported.append)

    named = f"{role}, skillmeat_app"
    assert [each for each in reported if "were revoked" in each] == [
        f"privileges on schema skillmeat were revoked from {role}",
        f"privileges that this database grants on new objects were revoked from {named}",
    ]


def test_a_migration_revokes_what_the_database_granted_on_a_schema_made_beforehand(
    empty_url: str, role: str
) -> None:
    with psycopg.connect(empty_url, autocommit=True) as owner:
        owner.execute(f"alter default privileges grant usage on schemas to {role}".encode())
        owner.execute("create schema mine")
        owner.execute("create schema shared create table theirs ()")

        for schema in ("mine", "shared"):
            migration.upgrade("0001_catalogue", url=empty_url, schema=schema, report=lambda _: None)

        allowed = owner.execute(
            "select nspname from pg_namespace where has_schema_privilege(%s, oid, 'usage') "
            "and nspname in ('mine', 'shared')",
            [role],
        ).fetchall()
    # A schema with other objects may need the privilege.
    assert allowed == [("shared",)]
    assert migration.check_schema(url=empty_url, schema="mine").differences == ()


def test_a_check_is_not_blind_to_what_the_database_adds_to_tables(
    empty_url: str, role: str
) -> None:
    with psycopg.connect(empty_url, autocommit=True) as owner:
        owner.execute(EVENT_TRIGGER.replace("{role}", role).encode())

        migration.upgrade(url=empty_url, report=lambda _: None)
        granted = list_privileges(owner, role)
        owner.execute("alter table skillmeat.artifact_tags enable row level security")
        checked = migration.check_schema(url=empty_url)

    named = {(each.kind, each.name) for each in checked.differences}
    assert granted == set()
    assert named >= {
        ("trigger", ADDED),
        ("policy", ADDED),
        ("column", "artifact_tags.added_beside"),
        ("table", "artifact_tags"),
    }
    assert ("table", "artifacts") not in named


def test_roles_that_are_created_later_get_their_privileges_by_a_fix(
    empty_url: str, role: str
) -> None:
    modest = psycopg.conninfo.make_conninfo(empty_url, options=f"-c role={role}")
    with psycopg.connect(empty_url, autocommit=True) as owner:
        owner.execute(f"grant create on database {owner.info.dbname} to {role}".encode())
        migration.upgrade(url=modest, schema=role)
        owner.execute(f"create role {role}_app; create role {role}_reader".encode())

        fixed = migration.fix_schema(url=modest, schema=role)

        readable = owner.execute(
            "select has_table_privilege(%s, %s, 'select')",
            [f"{role}_reader", f"{role}.artifact_summaries"],
        ).fetchone()
        owner.execute(f"drop owned by {role}_app, {role}_reader".encode())
        owner.execute(f"drop role {role}_app, {role}_reader".encode())
    assert (fixed.remaining.differences, readable) == ((), (True,))


def test_a_check_names_a_grant_that_the_database_repeats_at_every_comment(
    empty_url: str, role: str
) -> None:
    with psycopg.connect(empty_url, autocommit=True) as owner:
        owner.execute(
            f"""
            create function public.grant_again() returns event_trigger language plpgsql as $$
            declare
                schema text;
            begin
                for schema in
                    select schema_name from pg_event_trigger_ddl_commands()
                    where to_regclass(schema_name || '.artifact_types') is not null
                loop
                    execute format('grant select on %s.artifact_types to {role}', schema);
                end loop;
            end;
            $$;
            create event trigger grant_again on ddl_command_end when tag in ('COMMENT')
                execute function public.grant_again();
            """.encode()
        )
        migration.upgrade("0002_counts", url=empty_url, report=lambda _: None)

        checked = migration.check_schema(url=empty_url)

    named = {(each.name, each.problem) for each in checked.differences}
    assert ("artifact_types", f"{role} may SELECT") in named
