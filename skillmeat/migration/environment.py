"""What revisions call: frozen SQL, waits for locks, and parts that an interruption may repeat."""

import logging
import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, Final

from alembic import op
from sqlalchemy import Column, Index, text
from sqlalchemy.schema import SchemaItem

from skillmeat.database.revisions import migrations_folder

# Called with one line, such as a notice of the server.
Report = Callable[[str], None]
# Without a handler of its own, Python prints warnings on stderr.
log_warning: Final[Report] = logging.getLogger("skillmeat").warning

# Options of Alembic's context: a script for psql, or a schema that no other session sees.
IS_SCRIPT: Final = "is_script"
IS_REFERENCE: Final = "is_reference"
# The option with a context manager for the time in which a revision builds indexes concurrently.
WATCH_BUILDS: Final = "watch_builds"

# How long a revision tries to get a lock, and waits for older transactions before it builds an
# index, which blocks no session.
LOCK_SECONDS = 30
TRANSACTION_SECONDS = 600

# The locks that conflict with each mode; ACCESS EXCLUSIVE conflicts with all.
CONFLICTS: Final = {
    "access share": ("AccessExclusiveLock",),
    "share row exclusive": (
        "RowExclusiveLock",
        "ShareUpdateExclusiveLock",
        "ShareLock",
        "ShareRowExclusiveLock",
        "ExclusiveLock",
        "AccessExclusiveLock",
    ),
}


def install(revision: str, *names: str, **values: object) -> None:
    """Run the frozen files `names` of `revision`, in that order, filled with `values`."""
    for name in names:
        run(fill((migrations_folder() / "sql" / revision / name).read_text(), values))


def backfill(revision: str, name: str) -> None:
    """Run a frozen file that commits each batch of rows by itself, so that writers keep writing.

    A reference schema has no rows.
    """
    if not _has_option(IS_REFERENCE):
        with op.get_context().autocommit_block():
            install(revision, name)


def read_sql(name: str, **values: object) -> str:
    """Read a statement of every migration, filled with `values`."""
    return fill((Path(__file__).parent / "sql" / f"{name}.sql").read_text(), values)


def fill(sql: str, values: Mapping[str, object]) -> str:
    """Put the values where SQL has their names as `${name}`; raise `KeyError` if one is missing."""
    return re.sub(r"\$\{(\w+)\}", lambda found: str(values[found[1]]), sql)


def run(sql: str) -> None:
    """Run statements literally: no parameter, colon or percent sign in them is special."""
    context = op.get_context()
    if context.as_sql:
        context.impl.static_output(sql.strip())
        return
    if context.connection is None or context.connection.connection.driver_connection is None:
        message = "a migration needs a connection, or --sql"
        raise RuntimeError(message)
    context.connection.connection.driver_connection.execute(sql)


def run_once(table: str, create: Callable[[], None]) -> None:
    """Call `create`, unless an interrupted upgrade has left its `table` behind; commit after it."""
    if _has_option(IS_SCRIPT):
        run(f"select to_regclass('{table}') is null as is_missing \\gset\n\\if :is_missing")
        create()
        _commit()
        run("\\endif")
    elif op.get_context().as_sql or not _has_table(table):
        create()
        _commit()


def lock_tables(revision: str, *tables: str, mode: str = "access exclusive") -> None:
    """Lock all tables at once, before any is changed; say which sessions hold them meanwhile.

    Raises SQLSTATE 55P03, with their names, after LOCK_SECONDS.
    """
    named = ", ".join(sorted(tables))
    relations = ", ".join(f"'{each}'::regclass" for each in sorted(tables))
    condition = f"l.locktype = 'relation' and l.relation = any (array[{relations}]::oid[])"
    if mode in CONFLICTS:
        modes = ", ".join(f"'{each}'" for each in CONFLICTS[mode])
        condition += f" and l.mode = any (array[{modes}])"
    _acquire(
        revision,
        statement=f"lock table {named} in {mode} mode",
        what=f"a lock on {named}",
        condition=condition,
    )


def lock_refresh(revision: str) -> None:
    """Keep refreshes out until the transaction ends: a grant on the snapshot meets none."""
    key = "hashtextextended('refresh ' || current_schema(), 0)"
    _acquire(
        revision,
        statement=f"perform pg_advisory_xact_lock({key})",
        what="the end of a refresh",
        condition=(
            "l.locktype = 'advisory' and l.objsubid = 1 "
            f"and l.classid::bigint = (({key} >> 32) & 4294967295) "
            f"and l.objid::bigint = ({key} & 4294967295)"
        ),
    )


def wait_for_transactions(revision: str) -> None:
    """Wait until older transactions have ended, and say which; needs an autocommit block.

    Raises SQLSTATE 55P03, with their names, after TRANSACTION_SECONDS.
    """
    if not _has_option(IS_REFERENCE):
        run(
            read_sql("wait_for_transactions", revision=f"'{revision}'", seconds=TRANSACTION_SECONDS)
        )


def watch_builds() -> AbstractContextManager[None]:
    """Report, while the block runs, for whom an index build waits; a script cannot do that."""
    watch = op.get_context().opts.get(WATCH_BUILDS)
    return watch() if watch else nullcontext()


def revoke_default_privileges() -> None:
    """Revoke the database's default grants on the new objects; the revision's grants follow."""
    run(read_sql("revoke_defaults"))


def is_compared(
    item: SchemaItem,
    _name: str | None,
    _kind: str,
    reflected: bool,  # noqa: FBT001 - Alembic calls it so
    counterpart: SchemaItem | None,
) -> bool:
    """Return whether Alembic compares an object with the models; `configure()` calls this.

    An index over expressions is only in `db/`, and the models do not describe it.
    """
    is_of_expressions = isinstance(item, Index) and any(
        not isinstance(each, Column) for each in item.expressions
    )
    return not (reflected and counterpart is None and is_of_expressions)


def _acquire(revision: str, **values: Any) -> None:  # noqa: ANN401 - strings for the statement
    run(read_sql("acquire_lock", revision=f"'{revision}'", seconds=LOCK_SECONDS, **values))


def _has_table(name: str) -> bool:
    query = text("select to_regclass(:name) is not null")
    return bool(op.get_bind().scalar(query, {"name": name}))


def _has_option(name: str) -> bool:
    return bool(op.get_context().opts.get(name))


def _commit() -> None:
    """Commit the statements so far, which releases their locks before the next ones."""
    with op.get_context().autocommit_block():
        pass
