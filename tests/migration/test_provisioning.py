"""A catalogue is created and dropped with its schema, its roles and its service, or not at all."""

from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict

import skillmeat
from skillmeat import migration
from skillmeat.embedded import temporary_server
from skillmeat.embedded.temporary import NOT_DURABLE
from skillmeat.errors import SkillMeatError
from skillmeat.settings.services import find_service, get_service, write_service
from tests.servers import SETTINGS

# The databases of a server share their roles, which are named after it.
NAME = f"provisioned_{uuid4().hex}"
LEFT = f"""
    select nspname from pg_namespace where nspname = '{NAME}'
    union all
    select rolname from pg_roles where rolname like '{NAME}%'
"""
# The smallest table of locks that PostgreSQL can be configured to have.
FEW_LOCKS = {
    "max_locks_per_transaction": "10",
    "max_connections": "5",
    "superuser_reserved_connections": "0",
    "max_worker_processes": "1",
    "max_wal_senders": "0",
    "max_replication_slots": "0",
    "max_prepared_transactions": "0",
    "autovacuum_max_workers": "1",
}
# What is refused before anything is dropped: objects outside the schema that depend on it.
DEPENDENTS = f"""
    create view public.seen as select id from {NAME}.artifact_summaries;
    create table public.referring (id text collate "C" references {NAME}.artifacts);
    create table public.named (name {NAME}.catalogue_name)
"""


@pytest.fixture(autouse=True)
def service_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Use an empty service file."""
    file = tmp_path / "services"
    monkeypatch.setenv("PGSERVICEFILE", str(file))
    return file


def parameters_of(url: str) -> dict[str, str]:
    return {key: str(value) for key, value in conninfo_to_dict(url).items()}


def create(url: str, **others: str) -> None:
    migration.create_catalogue(NAME, parameters_of(url) | others, report=lambda _: None)


def drop() -> None:
    migration.drop_catalogue(get_service(NAME), report=lambda _: None)


def execute(url: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url, autocommit=True) as conn:
        cursor = conn.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def test_a_server_with_the_fewest_locks_creates_and_drops_a_catalogue(
    service_file: Path,
) -> None:
    with temporary_server(settings={**SETTINGS, **NOT_DURABLE, **FEW_LOCKS}) as url:
        create(url)
        with skillmeat.connect(get_service(NAME).url, schema=NAME) as conn:
            conn.execute("insert into collections (id, name) values ('r', 'Reading')")
        with pytest.raises(psycopg.errors.OutOfMemory):
            execute(url, f"drop schema {NAME} cascade")
        drop()

        assert (execute(url, LEFT), service_file.read_text()) == ([], "")


def test_an_interrupted_creation_and_an_interrupted_drop_can_be_repeated(empty_url: str) -> None:
    create(empty_url)
    service = get_service(NAME)

    # Each state that an interruption leaves, and the call that is repeated.
    migration.downgrade("0002_counts", url=service.url, schema=NAME)
    _leave_half_a_revision(service.url)
    create(empty_url)
    completed = migration.get_status(url=service.url, schema=NAME).up_to_date
    migration.downgrade("0002_counts", url=service.url, schema=NAME)
    _leave_half_a_revision(service.url)
    drop()
    left = execute(empty_url, LEFT)
    write_service(NAME, service.parameters)
    execute(empty_url, f"create schema {NAME}")
    drop()
    # As after a move, which a drop waits for.
    write_service(NAME, {**service.parameters, "connect_timeout": "9"})
    with pytest.raises(SkillMeatError, match="has changed meanwhile, and leads to another copy"):
        migration.drop_catalogue(service, report=lambda _: None)
    drop()

    assert (completed, left, execute(empty_url, LEFT), find_service(NAME)) == (True, [], [], None)


def _leave_half_a_revision(url: str) -> None:
    """Commit the change log of 0003_summaries, without the views that read it."""
    with skillmeat.connect(url, schema=NAME, autocommit=True) as conn:
        conn.execute("create table last_refresh ()")
        with pytest.raises(SkillMeatError):
            migration.upgrade(url=url, schema=NAME)
        conn.execute("drop table last_refresh")


def test_nothing_is_dropped_while_objects_outside_the_schema_depend_on_it(empty_url: str) -> None:
    create(empty_url)
    execute(empty_url, DEPENDENTS)
    named = "depend on it, public.named, public.referring, public.seen: drop them first"
    with pytest.raises(SkillMeatError, match=named):
        drop()
    intact = migration.check_schema(url=empty_url, schema=NAME).differences
    execute(empty_url, "drop view public.seen; drop table public.referring, public.named")
    execute(empty_url, f"create table {NAME}.others ()")
    notices: list[str] = []
    migration.drop_catalogue(get_service(NAME), report=notices.append)
    execute(empty_url, f"drop schema {NAME} cascade")

    assert (intact, notices) == ((), [f"schema {NAME} stays: it holds other objects"])


def test_what_is_no_new_catalogue_is_refused_and_stays(empty_url: str, service_file: Path) -> None:
    execute(empty_url, f"create schema {NAME}; create table {NAME}.others ()")
    with pytest.raises(SkillMeatError, match="is not empty: choose another name"):
        create(empty_url)
    empty = find_service(NAME)
    write_service(NAME, {**parameters_of(empty_url), "options": f"-c search_path={NAME}"})
    with pytest.raises(SkillMeatError, match="holds objects, and no catalogue"):
        drop()
    with pytest.raises(SkillMeatError, match="already, and it does not name this catalogue"):
        create(empty_url)

    others = execute(empty_url, f"select from {NAME}.others")
    assert (empty, others, f"[{NAME}]" in service_file.read_text()) == (None, [], True)


def test_a_creation_that_is_refused_leaves_no_service(conn: Connection, url: str) -> None:
    conn.execute(f"create role {NAME} login".encode())
    try:
        with pytest.raises(SkillMeatError, match="may not create a schema in database"):
            create(url, user=NAME)
    finally:
        conn.execute(f"drop role {NAME}".encode())

    assert find_service(NAME) is None
