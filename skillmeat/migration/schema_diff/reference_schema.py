"""Build a revision in a schema of its own, and roll it back."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from uuid import uuid4

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from psycopg import errors, sql
from psycopg.sql import Literal

from skillmeat.database.query import Conn, fetch_tuples
from skillmeat.errors import DatabaseError, NotAllowed
from skillmeat.migration.commands import list_revisions, lock_alembic
from skillmeat.migration.environment import IS_REFERENCE
from skillmeat.migration.schema_diff.introspection import Facts, SchemaObjects
from skillmeat.migration.session import note_objects

# Alembic creates this table before the first revision.
VERSIONS = """
create table alembic_version (
    version_num varchar(32) not null,
    constraint alembic_version_pkc primary key (version_num)
)
"""
NEEDS = (
    "migrate check makes what the revision installs in a schema of its own, and rolls it back: "
    "it needs "
)
# An administrator creates this one for an owner who may not create schemas. The name is so long
# that no definition contains it by chance.
GIVEN_SCHEMA = "skillmeat_check_reference"
PRIVILEGES = """
    select
        has_database_privilege(current_database(), 'create'),
        exists (
            select
            from pg_namespace
            where
                nspname = %(given)s
                and has_schema_privilege(oid, 'create')
                and has_schema_privilege(oid, 'usage')
        ),
        quote_ident(current_database()),
        quote_ident(current_user)
"""
# The names that a revision's statements give to objects which an event trigger could also add.
CREATED = {
    kind: re.compile(pattern, re.IGNORECASE | re.MULTILINE)
    for kind, pattern in {
        "column": r'^(?:[ \t]+|alter table \w+ add column )"?(\w+)"? ',
        "constraint": r'constraint "?(\w+)',
        "index": r"create (?:unique )?index (?:concurrently )?(\w+)",
        "trigger": r"create (?:or replace )?(?:constraint )?trigger (\w+)",
        "rule": r"create (?:or replace )?rule (\w+)",
        "policy": r"create policy (\w+)",
    }.items()
}
# The kinds of which `restore_definitions` recreates objects.
RESTORED_KINDS = ("relation", "constraint", "trigger")
# At the start of a line, where no function's body or comment has it.
_CONCURRENTLY = re.compile(r"^((?:create|create unique|drop) index) concurrently\b", re.MULTILINE)
_DO = re.compile(r"^do ", re.MULTILINE)


@contextmanager
def build_reference_schema(
    conn: Conn, statements: Sequence[bytes], *, schema: str
) -> Iterator[str]:
    """Run the statements of a revision in a schema, and yield its name; it is gone after the block.

    `conn` is in autocommit. Privileges are granted to the roles of `schema`, if they exist. Raises
    `NotAllowed` without CREATE on the database or GIVEN_SCHEMA, `DatabaseError` on a standby.
    """
    with conn.transaction(force_rollback=True):
        conn.execute("set transaction isolation level read committed")
        reference = _find_reference_schema(conn)
        conn.execute(
            sql.SQL("set local search_path = {}, pg_temp").format(sql.Identifier(reference))
        )
        conn.execute("set local client_min_messages = warning")
        # The migration has compiled each function already.
        conn.execute("set local check_function_bodies = off")
        # Pending deferred triggers of one revision would keep the next from altering the tables.
        conn.execute("set constraints all immediate")
        roles = _read_role_names(conn, schema=schema)
        # One by one, with a savepoint each, they would take twice the CPU.
        conn.execute(_join([_replace_role_names(each, roles) for each in statements]))
        yield reference


def _find_reference_schema(conn: Conn) -> str:
    """Create a schema, or find the one that an administrator has created; return its name."""
    ((may_create, has_given, database, user),) = fetch_tuples(
        conn, PRIVILEGES, {"given": GIVEN_SCHEMA}
    )
    if has_given and not may_create:
        return GIVEN_SCHEMA
    created = f"skillmeat_check_{uuid4().hex}"
    try:
        conn.execute(sql.SQL("create schema {}").format(sql.Identifier(created)))
    except errors.InsufficientPrivilege as error:
        message = (
            f"{NEEDS}CREATE on the database {database}, or, from an administrator: "
            f"create schema {GIVEN_SCHEMA} authorization {user}"
        )
        raise NotAllowed(message, sqlstate=error.sqlstate) from error
    except errors.ReadOnlySqlTransaction as error:
        message = f"{NEEDS}a primary and a session that may write"
        raise DatabaseError(message, sqlstate=error.sqlstate) from error
    return created


@cache
def render_statements(revision: str) -> tuple[bytes, ...]:
    """Render the statements of every revision up to `revision`; none needs a commit."""
    output = _Statements()
    context = MigrationContext.configure(
        dialect_name="postgresql",
        opts={
            "as_sql": True,
            "output_buffer": output,
            "transactional_ddl": False,
            IS_REFERENCE: True,
        },
    )
    with lock_alembic(), Operations.context(context):
        for each in list_revisions(revision):
            output.write(note_objects(is_first=each.down_revision is None))
            each.module.upgrade()
    return (VERSIONS.encode(), *output.statements)


class _Statements:
    """A file for Alembic that collects statements in a list."""

    def __init__(self) -> None:
        self.statements: list[bytes] = []

    def write(self, text: str) -> None:
        self.statements.append(_CONCURRENTLY.sub(r"\1", text).encode())

    def flush(self) -> None:
        pass


def drop_foreign_objects(installed: SchemaObjects, statements: tuple[bytes, ...]) -> SchemaObjects:
    """Return `installed` without objects that no statement names; an event trigger added them."""
    own = _list_created_names(statements)

    def is_own(kind: str, name: str, facts: Facts) -> bool:
        is_checked = kind in own and facts.get("is of a table", True)
        return not is_checked or name.rpartition(".")[2] in own[kind]

    return SchemaObjects(
        {
            kind: {name: facts for name, facts in named.items() if is_own(kind, name, facts)}
            for kind, named in installed.objects.items()
        },
        installed.needs,
    )


@cache
def _list_created_names(statements: tuple[bytes, ...]) -> Mapping[str, Collection[str]]:
    """List the names that the statements give to objects, by kind."""
    text = b"\n".join(statements).decode()
    return {kind: frozenset(pattern.findall(text)) for kind, pattern in CREATED.items()}


def restore_definitions(conn: Conn, installed: SchemaObjects) -> None:
    """Recreate every view, check and trigger from its own definition, as a restored dump does.

    PostgreSQL may deparse the result differently, for example with more parentheses.
    """
    statements = []
    for facts in installed["relation"].values():
        if facts["kind"] == "view":
            view = f"create or replace view {facts['identity']} as {facts['definition']}"
            statements.append(view)
    for facts in installed["constraint"].values():
        if facts["is a check"]:
            altering, name = f"alter {facts['of']}", facts["constraint"]
            statements.append(f"{altering} drop constraint {name}")
            statements.append(f"{altering} add constraint {name} {facts['definition']}")
    for facts in installed["trigger"].values():
        statements.append(f"drop trigger {facts['trigger']} on {facts['of']}")
        statements.append(facts["definition"])
    conn.execute(_join([each.encode() for each in statements]))


def add_restored_definitions(
    installed: SchemaObjects, restored: Mapping[str, Mapping[str, Facts]]
) -> SchemaObjects:
    """Return `installed` with a fact `restored` beside each `definition` of the restored kinds."""
    objects = {
        kind: {
            name: {**facts, "restored": restored[kind][name].get("definition")}
            for name, facts in installed[kind].items()
        }
        for kind in restored
    }
    return SchemaObjects({**installed.objects, **objects}, installed.needs)


def _read_role_names(conn: Conn, *, schema: str) -> dict[str, str]:
    """Read the group roles of `schema` by their ending; the current user replaces a missing one."""
    query = """
        select ending, coalesce(r.rolname, current_user)
        from unnest(array['_app', '_reader']) as ending
        left join pg_roles as r on r.rolname = %s || ending
    """
    return dict(conn.execute(query, (schema,)).fetchall())


def _join(statements: Sequence[bytes]) -> bytes:
    # A statement may end with a comment.
    return b"\n;\n".join(statements)


def _replace_role_names(statement: bytes, roles: dict[str, str]) -> bytes:
    # Grants are made by a DO block that names the roles after the schema that it runs in.
    text = statement.decode()
    if not _DO.search(text):
        return statement
    for ending, role in roles.items():
        text = text.replace(f"current_schema() || '{ending}'", Literal(role).as_string())
    return text.encode()
