"""Alembic's environment for one schema: SKILLMEAT_SCHEMA, or `alembic -x schema=NAME`."""

from typing import Any

from alembic import context
from alembic.util import CommandError
from psycopg import Connection, sql
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from skillmeat import settings
from skillmeat.connection import connect
from skillmeat.errors import SkillMeatError
from skillmeat.migration.advisory_lock import acquire_migration_lock
from skillmeat.migration.environment import is_compared, next_step
from skillmeat.models import Base
from skillmeat.time_limits import lift_time_limits

SETTINGS = {
    # Long enough to get a lock on a busy table, short enough for statements that queue behind it.
    # It is below deadlock_timeout (1 s), so in a deadlock the migration fails and no other session.
    "lock_timeout": "100ms",
    # The backfill takes a new snapshot for each statement, whatever the database's default is.
    "default_transaction_isolation": "read committed",
}

given = context.config.attributes
schema = settings.get_schema(
    given.get("schema") or context.get_x_argument(as_dictionary=True).get("schema")
)


def write_script() -> None:
    """Print the statements, for a DBA to review and run by hand."""
    context.configure(
        dialect_name="postgresql", target_metadata=Base.metadata, transaction_per_migration=True
    )
    quoted = sql.Identifier(schema).as_string()
    context.execute(f"create schema if not exists {quoted}")
    context.execute(f"set search_path = {quoted}, pg_temp")
    for name, value in SETTINGS.items():
        context.execute(f"set {name} = '{value}'")
    context.run_migrations()


def migrate() -> None:
    """Run the migrations, one transaction each, one process at a time."""
    with connect(given.get("url"), schema=schema, autocommit=True) as session:
        lift_time_limits(session)
        acquire_migration_lock(session, schema)
        create_schema(session)
        for setting in SETTINGS.items():
            session.execute("select set_config(%s, %s, false)", setting)
        session.autocommit = False

        # The version table needs no schema, because the search path has only one.
        engine = create_engine("postgresql+psycopg://", creator=lambda: session, poolclass=NullPool)
        with engine.connect() as connection:
            context.configure(
                connection=connection,
                target_metadata=Base.metadata,
                transaction_per_migration=True,
                include_object=is_compared,
            )
            refuse_superseded_revision(session)
            with context.begin_transaction():
                context.run_migrations()


def refuse_superseded_revision(session: Connection[Any]) -> None:
    revision = context.get_context().get_current_revision()
    message = next_step(session, revision, schema=schema)
    if message:
        raise CommandError(message)


# A role that may create functions in the schema could make the owner's functions call them.
OTHER_CREATORS = """
    select
        not pg_has_role(n.nspowner, 'usage') and not o.rolsuper and n.nspowner <> d.datdba,
        array(
            select case g.grantee when 0 then 'public' else g.grantee::regrole::text end
            from aclexplode(n.nspacl) as g
            where
                g.privilege_type = 'CREATE'
                and g.grantee not in (n.nspowner, current_user::regrole)
            order by 1
        )
    from pg_namespace as n
    inner join pg_roles as o on o.oid = n.nspowner
    inner join pg_database as d on d.datname = current_database()
    where n.nspname = %s
"""


def create_schema(session: Connection[Any]) -> None:
    found = session.execute(OTHER_CREATORS, (schema,)).fetchone()
    # CREATE SCHEMA IF NOT EXISTS needs the privilege even if the schema exists.
    if found is None:
        session.execute(sql.SQL("create schema {}").format(sql.Identifier(schema)))
        return
    is_foreign, creators = found
    if is_foreign:
        message = f"schema {schema!r} belongs to another role: choose a schema of your own"
        raise SkillMeatError(message)
    if creators:
        named = sql.Identifier(schema).as_string()
        message = (
            f"other roles may create objects in schema {schema!r}, which its functions could call: "
            f"choose another, or run: revoke create on schema {named} from {', '.join(creators)}"
        )
        raise SkillMeatError(message)


if context.is_offline_mode():
    write_script()
else:
    migrate()
