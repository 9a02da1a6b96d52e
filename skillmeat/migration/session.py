"""The statements that surround revisions, on a connection as in a script for psql."""

from typing import Final

from psycopg import sql

from skillmeat.database.revision_state import FIRST_TABLE
from skillmeat.migration.environment import read_sql

# The number of PostgreSQL 15.
OLDEST_VERSION = 150000

# Alembic's name for a schema without any revision.
BASE: Final = "base"

LOCK: Final = """
do $lock$
begin
    if not pg_try_advisory_lock(
        hashtext('skillmeat migrate'), hashtext(current_setting('skillmeat.schema'))
    ) then
        raise exception 'another migration of schema % is running',
            quote_ident(current_setting('skillmeat.schema')) using
            errcode = 'lock_not_available', hint = 'Run this again when it has ended.';
    end if;
end;
$lock$;
"""
UNLOCK: Final = """
do $unlock$
begin
    perform pg_advisory_unlock(
        hashtext('skillmeat migrate'), hashtext(current_setting('skillmeat.schema'))
    );
end;
$unlock$;
"""


def prepare_session(schema: str, *, may_create: bool = True) -> str:
    """Return the statements that prepare a session, refuse an unsuitable server, make the schema.

    Without `may_create`, a missing schema is refused.
    """
    return read_sql(
        "prepare_session",
        schema=sql.Identifier(schema).as_string(),
        schema_literal=sql.Literal(schema).as_string().strip(),
        may_create_schema=may_create,
        oldest_version=OLDEST_VERSION,
    )


def note_objects(*, is_first: bool) -> str:
    """Return the statement that records the existing objects before a revision.

    Before the first one, Alembic's own table counts as new.
    """
    new = "array['alembic_version']" if is_first else "array[]::text[]"
    return read_sql("note_objects", new=new)


def expect_revision(expected: str | None, *, target: str | None) -> str:
    """Return the statement of a script that refuses a schema at any other revision."""
    return read_sql(
        "expect_revision",
        expected="null" if expected is None else f"'{expected}'",
        target=f"'{target or 'base'}'",
        first_table=FIRST_TABLE,
    )


def begin_script(schema: str, *, source: str | None, target: str | None) -> str:
    """Return the beginning of a script for psql, which stops at the first error."""
    name = sql.Identifier(schema).as_string()
    return "\n".join(
        (
            f"-- Migrates schema {name}: {source or BASE} -> {target or BASE}.",
            "-- Run it with psql, as the owner. It stops at the first error.",
            "\\set ON_ERROR_STOP on",
            "\\set AUTOCOMMIT on",
            "\\set QUIET on",
            "\\encoding UTF8",
            "",
            prepare_session(schema, may_create=source is None),
            LOCK,
        )
    )


def end_script(*, target: str | None) -> str:
    """Return the end of a script for psql, which names the next command."""
    following = ": run `skillmeat migrate check`" if target else ""
    return f"{UNLOCK}\n\\echo '{target or BASE} is reached{following}'"
