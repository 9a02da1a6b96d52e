"""What a downgrade would delete."""

import re
from dataclasses import dataclass
from typing import Final

from psycopg.sql import SQL, Identifier, Literal

from skillmeat import settings
from skillmeat.database.connection import connect
from skillmeat.database.query import Conn, fetch_tuples
from skillmeat.database.revision_state import read_revision, refuse_unknown_revision
from skillmeat.database.time_limits import lift_time_limits
from skillmeat.errors import translate_errors
from skillmeat.migration.commands import list_undone, render_sql
from skillmeat.migration.session import BASE

# As Alembic writes it.
_DROPPED: Final = re.compile(r"^DROP TABLE (\w+);$", re.MULTILINE)
EXISTING: Final = """
    select name
    from unnest(%(tables)s::text[]) as name
    where to_regclass(name) is not null
    order by name
"""


@dataclass(frozen=True, slots=True)
class DowngradePreview:
    """What a downgrade of `schema` from revision `current` to `target` undoes.

    `revisions` are the names of the undone revisions, the newest first, each with the sentence that
    says what its downgrade does. `rows` are the dropped tables, each with its number of rows.
    """

    schema: str
    current: str | None
    target: str | None
    revisions: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, int], ...]


def preview_downgrade(
    revision: str, *, url: str | None = None, schema: str | None = None
) -> DowngradePreview:
    """Return what `downgrade` to `revision` would delete, and count these rows; change nothing.

    Raises `SkillMeatError` for a revision that does not exist or is newer than the schema.
    """
    chosen = settings.get_schema(schema)
    with connect(url, schema=chosen, autocommit=True) as conn, translate_errors():
        lift_time_limits(conn)
        current = read_revision(conn, schema=chosen)
        refuse_unknown_revision(current, schema=chosen)
        undone = list_undone(current, revision)
        target = undone[-1].down_revision if undone else current
        rows = _count_rows(conn, f"{current}:{target or BASE}", schema=chosen) if undone else ()
    return DowngradePreview(
        chosen,
        current,
        str(target) if target else None,
        tuple((each.revision, _describe_downgrade(each.module)) for each in undone),
        rows,
    )


def _count_rows(conn: Conn, revisions: str, *, schema: str) -> tuple[tuple[str, int], ...]:
    dropped = list(dict.fromkeys(_DROPPED.findall(render_sql(revisions, schema=schema))))
    tables = [name for (name,) in fetch_tuples(conn, EXISTING, {"tables": dropped})]
    if not tables:
        return ()
    counted = SQL(" union all ").join(
        SQL("select {}, count(*) from {}").format(Literal(table), Identifier(table))
        for table in tables
    )
    return tuple(fetch_tuples(conn, counted, {}))


def _describe_downgrade(module: object) -> str:
    lines = (getattr(module, "downgrade").__doc__ or "").splitlines()  # noqa: B009 - a revision
    return lines[0] if lines else ""
