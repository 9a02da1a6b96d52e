"""Run the migrations of one schema: SKILLMEAT_SCHEMA, or `alembic -x schema=NAME`."""

from alembic import context
from psycopg import sql
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from skillmeat import settings
from skillmeat.connection import connect
from skillmeat.models import Base

# Long enough for a busy table's turn, short enough that nobody notices who queues behind it.
LOCK_TIMEOUT = "1s"

given = context.config.attributes
schema = settings.schema(
    given.get("schema") or context.get_x_argument(as_dictionary=True).get("schema")
)


def write_script() -> None:
    """Print the statements, for a DBA to review and run by hand."""
    context.configure(
        dialect_name="postgresql", target_metadata=Base.metadata, transaction_per_migration=True
    )
    context.execute(f'create schema if not exists "{schema}"')
    context.execute(f'set search_path = "{schema}", pg_temp')
    context.execute(f"set lock_timeout = '{LOCK_TIMEOUT}'")
    context.run_migrations()


def migrate() -> None:
    """Run the migrations, one transaction each, one process at a time."""
    with connect(given.get("url"), schema=schema, autocommit=True) as session:
        session.execute(
            "select pg_advisory_lock(hashtext('skillmeat migrate'), hashtext(%s))", (schema,)
        )
        known = session.execute("select to_regnamespace(quote_ident(%s))", (schema,)).fetchone()
        if known == (None,):
            session.execute(sql.SQL("create schema {}").format(sql.Identifier(schema)))
        session.execute("select set_config('lock_timeout', %s, false)", (LOCK_TIMEOUT,))
        session.autocommit = False

        # The version table needs no schema: the search path has but one.
        engine = create_engine("postgresql+psycopg://", creator=lambda: session, poolclass=NullPool)
        with engine.connect() as connection:
            context.configure(
                connection=connection,
                target_metadata=Base.metadata,
                transaction_per_migration=True,
            )
            with context.begin_transaction():
                context.run_migrations()


if context.is_offline_mode():
    write_script()
else:
    migrate()
