"""Helpers of Alembic's environment: frozen SQL, the comparison with the models, old revisions."""

import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from alembic import op
from psycopg import Connection
from sqlalchemy import Column, Index, text
from sqlalchemy.schema import SchemaItem

import skillmeat

# Five revisions replaced these before the first release; LAST_CHECKOUT still has them.
SQUASHED = (
    "0003_backfill",
    "0004_summaries",
    "0005_change_log",
    "0006_snapshot",
    "0007_merged_summaries",
    "0008_search",
    "0009_operation",
    "0010_repair",
    "0011_group_tags",
    "0012_api_tokens",
    "0013_cheaper_counts",
)
LAST_CHECKOUT = "6b266b4"
# Two of the five have the names of old ones, which lack the column groups.tags.
AMBIGUOUS = ("0001_catalogue", "0002_counts")
IS_OLD = """
select not exists (
    select from pg_attribute where attrelid = 'groups'::regclass and attname = 'tags'
)
"""


def migrations_folder() -> Path:
    """Find the folder of the migrations: inside an installed package, beside it in a checkout."""
    package = Path(skillmeat.__file__).parent
    inside = package / "migrations"
    return inside if inside.is_dir() else package.parent / "migrations"


def install(revision: str, *names: str, **values: object) -> None:
    """Run the frozen files `names` of `revision`, in that order, filled with `values`."""
    for name in names:
        run(fill((migrations_folder() / "sql" / revision / name).read_text(), values))


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


def has_table(name: str) -> bool:
    """Return whether an interrupted upgrade has left a table behind; False for a script."""
    if op.get_context().as_sql:
        return False
    query = text("select to_regclass(:name) is not null")
    return bool(op.get_bind().scalar(query, {"name": name}))


def commit() -> None:
    """Commit what has run so far, and release its locks before what follows."""
    with op.get_context().autocommit_block():
        pass


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


def next_step(conn: Connection[Any], revision: str | None, *, schema: str) -> str | None:
    """Return how to upgrade a schema from before the first release; None for any other schema.

    `conn` has the schema as its search path.
    """
    if revision in AMBIGUOUS:
        if conn.execute(IS_OLD).fetchone() != (True,):
            return None
    elif revision not in SQUASHED:
        return None
    first = ""
    if revision != SQUASHED[-1]:
        first = f"`skillmeat migrate up` in a checkout of {LAST_CHECKOUT}, then "
    return (
        f"schema {schema!r} is at {revision}, from before the first release: run {first}"
        f'`psql "$SKILLMEAT_DATABASE_URL" --variable schema={shlex.quote(schema)} '
        "--file migrations/carry_over.sql`, then `skillmeat migrate check --fix`"
    )
