"""Alembic's environment for one schema: SKILLMEAT_SCHEMA, or `alembic -x schema=NAME`."""

import time
from functools import partial
from typing import Any, Final

from alembic import context
from alembic.runtime.migration import MigrationInfo
from alembic.util import CommandError
from psycopg import Connection, Error
from psycopg.errors import Diagnostic
from sqlalchemy import Connection as SqlConnection
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from skillmeat import settings
from skillmeat.database.connection import CatalogueConnection, connect
from skillmeat.database.query import fetch_scalar
from skillmeat.database.revision_state import read_revision, refuse_unknown_revision
from skillmeat.database.time_limits import lift_time_limits
from skillmeat.errors import NotMigrated, Retry, SkillMeatError
from skillmeat.migration import session as statements
from skillmeat.migration.advisory_lock import acquire_migration_lock
from skillmeat.migration.build_waits import watch_builds
from skillmeat.migration.environment import (
    IS_SCRIPT,
    WATCH_BUILDS,
    Report,
    is_compared,
    log_warning,
    read_sql,
)
from skillmeat.migration.errors import translate_sqlalchemy_errors
from skillmeat.migration.plan import Plan, get_source
from skillmeat.models import Base

PAUSE_SECONDS = 0.2
POOLED: Final = (
    "this connection leads to a pooler: a migration needs one in session mode, or the server itself"
)
IS_NEW: Final = "select to_regnamespace(quote_ident(%(schema)s)) is null"

given = context.config.attributes
report: Report = given.get("report", log_warning)


def write_script(schema: str) -> None:
    """Print the statements, for a DBA to review and run with psql."""
    target: str | None = None
    is_prepared = False

    def begin(step: MigrationInfo) -> None:
        nonlocal target, is_prepared
        source = get_source(step)
        if not is_prepared:
            target, is_prepared = plan.target, True
            write(statements.begin_script(schema, source=source, target=target))
        write(statements.expect_revision(source, target=target))
        write(statements.note_objects(is_first=source is None))

    def write(text: str) -> None:
        context.get_context().impl.static_output(text.strip())

    plan = Plan(begin)
    plan.configure(dialect_name="postgresql", target_metadata=Base.metadata, **{IS_SCRIPT: True})
    context.run_migrations()
    if is_prepared:
        write(statements.end_script(target=target))


def migrate(schema: str) -> None:
    """Run the migrations, one transaction each, one process at a time."""
    with connect(given.get("url"), schema=schema, autocommit=True) as session:
        session.add_notice_handler(report_notice)
        lift_time_limits(session)
        if isinstance(session, CatalogueConnection) and session.is_pooled:
            report(POOLED)
        acquire_migration_lock(session, schema, report=report)
        is_new = fetch_scalar(session, IS_NEW, {"schema": schema})
        with translate_sqlalchemy_errors():
            session.execute(statements.prepare_session(schema).encode())
        session.autocommit = False
        # The version table needs no schema, because the search path has only one.
        engine = create_engine("postgresql+psycopg://", creator=lambda: session, poolclass=NullPool)
        with engine.connect() as connection:
            try:
                run_migrations(session, connection, schema)
            finally:
                # A refused revision, or a command that only reads, leaves no schema behind.
                if is_new and not session.closed:
                    drop_unused_schema(session, schema)


def run_migrations(session: Connection[Any], connection: SqlConnection, schema: str) -> None:
    """Run them on `session`, and try again as long as a lock is taken."""
    before_commit = given.get("before_commit")
    plan = Plan(
        lambda step: execute(session, statements.note_objects(is_first=get_source(step) is None)),
        end=None if before_commit is None else partial(before_commit, session),
    )
    watch = partial(
        watch_builds,
        session.info.backend_pid,
        url=given.get("url"),
        schema=schema,
        report=report,
    )
    while True:
        try:
            with translate_sqlalchemy_errors():
                refuse_unknown_revision(read_revision(session, schema=schema), schema=schema)
                plan.configure(
                    connection=connection,
                    **{WATCH_BUILDS: watch},
                    target_metadata=Base.metadata,
                    include_object=is_compared,
                )
                with context.begin_transaction():
                    context.run_migrations()
        except NotMigrated as error:
            # It says that the schema is of an older revision. Here its revision is the right one.
            cause = error.__cause__
            missing = cause.diag.message_primary if isinstance(cause, Error) else str(error)
            message = f"{missing}: run `skillmeat migrate check --fix`, then this again"
            raise NotMigrated(message) from error
        except Retry:
            connection.rollback()
            session.rollback()
            if not plan.may_retry:
                raise
            time.sleep(PAUSE_SECONDS)
        else:
            return


def drop_unused_schema(session: Connection[Any], schema: str) -> None:
    session.rollback()
    if read_revision(session, schema=schema) is None:
        execute(session, read_sql("drop_empty_schema"))
    session.commit()


def execute(session: Connection[Any], statement: str) -> None:
    session.execute(statement.encode())


def report_notice(notice: Diagnostic) -> None:
    report(": ".join(each for each in (notice.message_primary, notice.message_hint) if each))


def main() -> None:
    """Print a script or migrate; the command line of Alembic prints a CommandError as one line."""
    try:
        schema = settings.get_schema(
            given.get("schema") or context.get_x_argument(as_dictionary=True).get("schema")
        )
        if context.is_offline_mode():
            write_script(schema)
        else:
            migrate(schema)
    except SkillMeatError as error:
        raise CommandError(str(error)) from error


main()
