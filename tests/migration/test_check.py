"""A check names each tampered object, and the statements that it prints fix the object."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from psycopg import Connection, sql

import skillmeat
from skillmeat import migration
from skillmeat.migration import MigrationStatus
from skillmeat.migration.schema_diff.check import CheckResult, compare, read_expected_objects
from skillmeat.migration.schema_diff.fix import apply_fix
from skillmeat.migration.schema_diff.introspection import SchemaObjects
from tests.conftest import database
from tests.db.sample import restore
from tests.migration.tampering import HARMLESS, LOST, TAMPERINGS, functions


@pytest.fixture(scope="module")
def catalogue(server_url: str, template: str) -> Iterator[str]:
    """Yield the URL of a database with the sample; every test rolls its changes back."""
    with database(server_url, template=template) as url:
        with skillmeat.connect(url, autocommit=True) as conn:
            restore(conn)
        yield url


@pytest.fixture(scope="module")
def installed(catalogue: str) -> MigrationStatus:
    return migration.get_status(url=catalogue)


@pytest.fixture(scope="module")
def wanted(catalogue: str, installed: MigrationStatus) -> SchemaObjects:
    """Return the objects that the revision installs; the tests share them."""
    with skillmeat.connect(catalogue, autocommit=True) as conn:
        return read_expected_objects(conn, installed)


@pytest.fixture(scope="module")
def session(catalogue: str) -> Iterator[Connection]:
    """Yield the session of all tests: a new one has the system catalogues to learn again."""
    with skillmeat.connect(catalogue, prepare_threshold=None) as conn:
        yield conn


@pytest.fixture
def victim(session: Connection) -> Iterator[Connection]:
    """Yield a connection, and roll its transaction back after the test."""
    yield session
    session.rollback()


@pytest.mark.parametrize("tampering", TAMPERINGS)
def test_a_check_names_a_tampering_and_its_fix_undoes_it(
    victim: Connection, wanted: SchemaObjects, installed: MigrationStatus, tampering: str
) -> None:
    statements, named = TAMPERINGS[tampering]
    tamper(victim, statements)

    found = compare(victim, wanted, installed)
    failures = apply_fixes(victim, found)

    left = compare(victim, wanted, installed)
    assert named in {each.name for each in found.differences}
    assert (failures, left.differences) == ([], ())


def test_a_check_names_and_fixes_a_changed_character_of_any_function(
    victim: Connection, wanted: SchemaObjects, installed: MigrationStatus
) -> None:
    tampered = functions(victim)
    for _, definition in tampered:
        victim.execute(definition.encode())

    found = compare(victim, wanted, installed)
    failures = apply_fixes(victim, found)

    told = [(each.name, each.problem) for each in found.differences]
    assert told == [(name, "the body is not the revision's") for name, _ in by_name(told, tampered)]
    assert len(told) == len(tampered)
    assert (failures, compare(victim, wanted, installed).differences) == ([], ())


@pytest.mark.parametrize("tampering", LOST)
def test_a_check_has_no_statement_for_a_lost_object(
    victim: Connection, wanted: SchemaObjects, installed: MigrationStatus, tampering: str
) -> None:
    statements, named = LOST[tampering]
    tamper(victim, statements)

    found = compare(victim, wanted, installed)

    assert [each.statements for each in found.differences if each.name == named][:1] == [()]


@pytest.mark.parametrize("harmless", HARMLESS)
def test_a_check_ignores_objects_of_other_owners(
    victim: Connection, wanted: SchemaObjects, installed: MigrationStatus, harmless: str
) -> None:
    tamper(victim, HARMLESS[harmless])

    assert compare(victim, wanted, installed).differences == ()


def test_everything_at_once_is_fixed(
    victim: Connection, wanted: SchemaObjects, installed: MigrationStatus
) -> None:
    for table in ("tags", "collections", "artifact_tags"):
        tamper(victim, f"alter table {table} disable trigger all")
    tamper(victim, "drop view artifact_details cascade; drop function settle_counts()")
    tamper(victim, "grant all on all tables in schema skillmeat to public")

    failures = apply_fixes(victim, compare(victim, wanted, installed))

    assert (failures, compare(victim, wanted, installed).differences) == ([], ())


def tamper(conn: Connection, statements: str) -> None:
    """Run the statements; `{role}` stands for a role that is created for them."""
    role = f"mallory_{uuid4().hex}"
    conn.execute(sql.SQL("create role {}").format(sql.Identifier(role)))
    conn.execute(sql.SQL("grant all on schema skillmeat to {}").format(sql.Identifier(role)))
    conn.execute(statements.replace("{role}", role).encode())
    conn.execute(sql.SQL("revoke all on schema skillmeat from {}").format(sql.Identifier(role)))


def apply_fixes(conn: Connection, found: CheckResult) -> list[tuple[str, str]]:
    """Run every fix; return the names and reasons of those that failed."""
    reasons = [(each.name, apply_fix(conn, each)) for each in found.differences]
    return [(name, reason) for name, reason in reasons if reason is not None]


def by_name(told: list[tuple[str, str]], tampered: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the tampered functions in the order of the differences."""
    order = [name for name, _ in told]
    return sorted((each for each in tampered if each[0] in order), key=lambda e: order.index(e[0]))
