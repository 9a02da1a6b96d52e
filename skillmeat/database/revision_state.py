"""The revision of a schema, and the states from which a migration cannot continue.

It needs no Alembic, which takes longer to load than to read a revision.
"""

import shlex
from dataclasses import dataclass
from typing import Any, Final

from psycopg import Connection

from skillmeat import settings
from skillmeat.database.connection import connect
from skillmeat.database.revisions import RECORDED, get_head, is_known
from skillmeat.errors import NotAllowed, SkillMeatError, translate_errors

# Five revisions replaced these before the first release; LAST_CHECKOUT still has them.
SQUASHED: Final = (
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
LAST_CHECKOUT: Final = "6b266b4"
# Two of the five have the names of old ones, which lack the column groups.tags.
AMBIGUOUS: Final = ("0001_catalogue", "0002_counts")
IS_OLD: Final = """
select not exists (
    select from pg_attribute where attrelid = to_regclass('groups') and attname = 'tags'
)
"""

# The newest of these tables that exists shows which revision is complete. An interrupted revision
# may have left count_changes and artifact_changes: it goes on from there.
MARKERS: Final = {
    "api_tokens": "0005_access",
    "searchable_artifacts": "0004_search",
    "last_refresh": "0003_summaries",
    "artifact_changes": "0002_counts",
    "artifact_types": "0001_catalogue",
}
FIRST_TABLE: Final = "artifact_types"

# Each revision from the second on needs this table.
COUNT_CHANGES: Final = "count_changes"

# A role without USAGE finds no table of a schema that has them.
UNUSABLE: Final = """
    select quote_ident(current_user), quote_ident(n.nspname), quote_ident(n.nspname || '_reader')
    from pg_namespace as n
    inner join pg_class as c on c.relnamespace = n.oid
    where
        n.nspname = %s
        and c.relname = 'alembic_version'
        and not has_schema_privilege(n.oid, 'usage')
"""
EXISTING: Final = """
    select array(select name from unnest(%s::text[]) as name where to_regclass(name) is not null)
"""

CREATE: Final = (
    "create table alembic_version "
    "(version_num varchar(32) constraint alembic_version_pkc primary key)"
)
INSERT: Final = "insert into alembic_version values ('REVISION')"
UPDATE: Final = "update alembic_version set version_num = 'REVISION'"


@dataclass(frozen=True, slots=True)
class MigrationStatus:
    """The revision a schema is at, None for none, and the newest one there is."""

    schema: str
    current: str | None
    head: str

    @property
    def up_to_date(self) -> bool:
        """Whether the schema is at the newest revision."""
        return self.current == self.head


def get_status(*, url: str | None = None, schema: str | None = None) -> MigrationStatus:
    """Return which revision a schema is at; the schema need not exist.

    Raises `SkillMeatError`, with the way on, for a revision from before the first release, and if
    the tables and the revision disagree.
    """
    chosen = settings.get_schema(schema)
    with connect(url, schema=chosen, autocommit=True) as conn, translate_errors():
        return MigrationStatus(chosen, read_revision(conn, schema=chosen), get_head())


def refuse_unknown_revision(revision: str | None, *, schema: str) -> None:
    """Raise `SkillMeatError` if another version of skillmeat has migrated the schema."""
    if not is_known(revision):
        message = (
            f"schema {schema!r} is at {revision}, which this version of skillmeat does not know: "
            "install the version that migrated it"
        )
        raise SkillMeatError(message)


def read_revision(conn: Connection[Any], *, schema: str) -> str | None:
    """Return the revision of `schema`, None if nothing is installed; the schema need not exist.

    `conn` has the schema as its search path. Raises `SkillMeatError`, with the way on, for a
    revision from before the first release, and where the tables and the revision disagree, and
    `NotAllowed` for a role without USAGE on the schema.
    """
    is_known = conn.execute("select to_regclass('alembic_version') is not null").fetchone()
    if is_known == (False,):
        _refuse_without_usage(conn, schema)
    revisions: list[str] = []
    if is_known == (True,):
        rows = conn.execute(f"{RECORDED} order by 1").fetchall()
        revisions = [revision for (revision,) in rows]
    if len(revisions) > 1:
        message = (
            f"alembic_version in schema {schema!r} has {len(revisions)} rows, "
            f"{' and '.join(revisions)}: delete all but the revision of its tables, "
            "then run `skillmeat migrate check`"
        )
        raise SkillMeatError(message)
    revision = revisions[0] if revisions else None
    _refuse_superseded(conn, revision, schema=schema)
    _refuse_unrecorded(conn, revision, schema=schema, has_table=is_known == (True,))
    return revision


def _refuse_without_usage(conn: Connection[Any], schema: str) -> None:
    """Refuse a role for which a migrated schema looks empty."""
    for user, named, reader in conn.execute(UNUSABLE, [schema]):
        message = (
            f"role {user} may not use schema {named}: connect as another role, or, as an "
            f"administrator, run: grant {reader} to {user}"
        )
        raise NotAllowed(message, sqlstate="42501")


def _refuse_unrecorded(
    conn: Connection[Any], revision: str | None, *, schema: str, has_table: bool
) -> None:
    """Refuse a schema whose tables are of a later revision than the recorded one."""
    (existing,) = conn.execute(EXISTING, [[*MARKERS, COUNT_CHANGES]]).fetchone() or ([],)
    found = next((MARKERS[table] for table in MARKERS if table in existing), None)
    order = [None, *reversed(MARKERS.values())]
    is_recorded = revision not in order or order.index(found) <= order.index(revision)
    if found is None or is_recorded:
        return
    missing = [table for table in MARKERS if order.index(MARKERS[table]) < order.index(found)]
    if order.index(found) > 1:
        missing.append(COUNT_CHANGES)
    missing = [table for table in missing if table not in existing]
    if missing:
        message = (
            f"schema {schema!r} is half migrated: it has the tables of {found}, but lacks "
            f"{', '.join(missing)}, as after a script that went on past an error. Restore a backup "
            "from before the migration, or copy the rows to a new schema with `pg_dump --data-only`"
        )
        raise SkillMeatError(message)
    record = INSERT if has_table else f"{CREATE}; {INSERT}"
    repair = (UPDATE if revision else record).replace("REVISION", found)
    message = (
        f"schema {schema!r} is half migrated or half restored: it has the tables of {found}, and "
        f"{'the revision ' + revision if revision else 'no revision'} in alembic_version. To go "
        f'on, run `skillmeat --schema {shlex.quote(schema)} psql -- -c "{repair}"`, then '
        "`skillmeat migrate check --fix`"
    )
    raise SkillMeatError(message)


def _refuse_superseded(conn: Connection[Any], revision: str | None, *, schema: str) -> None:
    """Refuse a schema from before the first release."""
    if revision in AMBIGUOUS:
        if conn.execute(IS_OLD).fetchone() != (True,):
            return
    elif revision not in SQUASHED:
        return
    first = ""
    if revision != SQUASHED[-1]:
        first = f"`skillmeat migrate up` in a checkout of {LAST_CHECKOUT}, then "
    message = (
        f"schema {schema!r} is at {revision}, from before the first release: run {first}"
        f'`psql "$SKILLMEAT_DATABASE_URL" --variable schema={shlex.quote(schema)} '
        "--file migrations/carry_over.sql`, then `skillmeat migrate check --fix`"
    )
    raise SkillMeatError(message)
