"""Compare the installed schema with the schema of its revision."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from skillmeat.database.connection import connect
from skillmeat.database.query import Conn, fetch_scalar
from skillmeat.database.revision_state import (
    MigrationStatus,
    get_status,
    refuse_unknown_revision,
)
from skillmeat.database.time_limits import lift_time_limits
from skillmeat.errors import NotMigrated, translate_errors
from skillmeat.migration.schema_diff.constraints import (
    compare_constraints,
    compare_extra_constraints,
    compare_indexes,
)
from skillmeat.migration.schema_diff.definitions import compare_definitions, compare_extra_functions
from skillmeat.migration.schema_diff.difference import Comparison, Difference
from skillmeat.migration.schema_diff.introspection import (
    SchemaObjects,
    read_objects,
    read_schema,
    rename_schema,
)
from skillmeat.migration.schema_diff.privileges import (
    compare_comments,
    compare_grants,
    compare_owners,
    keep_grants_to,
)
from skillmeat.migration.schema_diff.reference_schema import (
    RESTORED_KINDS,
    add_restored_definitions,
    build_reference_schema,
    drop_foreign_objects,
    render_statements,
    restore_definitions,
)
from skillmeat.migration.schema_diff.tables import (
    compare_column_types,
    compare_columns,
    compare_domains,
    compare_sequences,
    compare_tables,
)
from skillmeat.migration.schema_diff.triggers import compare_extra_triggers, compare_triggers

QUOTED: Final = "select quote_ident(%(name)s)"
GROUP_ROLES: Final = """
    select array[quote_ident(%(schema)s || '_app'), quote_ident(%(schema)s || '_reader')]
"""
USER: Final = "select quote_ident(current_user)"
# Definitions are compared as PostgreSQL writes them by default, and a refresh needs READ COMMITTED.
USUAL_SETTINGS: Final = """
    set quote_all_identifiers = off;
    set default_transaction_isolation = 'read committed'
"""

# The statements that fix the differences must run in this order. A fix commits after each phase, so
# that the tables are not locked while the snapshot is built.
TABLES = (
    compare_owners,
    compare_extra_functions,
    compare_extra_constraints,
    compare_tables,
    compare_domains,
    compare_sequences,
    compare_columns,
    compare_column_types,
    compare_constraints,
)
DEFINITIONS = (compare_definitions, compare_indexes)
# An extra trigger goes with the commit that creates a missing one: it may be the same, renamed.
TRIGGERS = (compare_extra_triggers, compare_triggers, compare_grants, compare_comments)
PHASES = (TABLES, DEFINITIONS, TRIGGERS)
COMPARISONS = (*TABLES, *DEFINITIONS, *TRIGGERS)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What differs, in the order in which to fix it.

    `revision` is the installed one and `head` the newest.
    """

    schema: str
    revision: str
    head: str | None
    differences: tuple[Difference, ...]


def check_schema(*, url: str | None = None, schema: str | None = None) -> CheckResult:
    """Compare a schema with its revision; no session waits, and the schema does not change.

    Raises `NotMigrated`, `NotAllowed` without CREATE on the database or the schema that the message
    names, `DatabaseError` on a standby, and `SkillMeatError` for an unknown revision.
    """
    found = get_status(url=url, schema=schema)
    with connect(url, schema=found.schema, autocommit=True) as conn:
        prepare_session(conn)
        return compare(conn, read_expected_objects(conn, found), found)


def prepare_session(conn: Conn) -> None:
    """Undo settings of the database or the role that would disturb a check; `conn` is idle."""
    lift_time_limits(conn)
    conn.execute(USUAL_SETTINGS)


def read_expected_objects(conn: Conn, found: MigrationStatus) -> SchemaObjects:
    """Read the objects that the installed revision creates, under the name of the schema.

    `conn` is in autocommit. Raises as `check_schema` does.
    """
    if found.current is None:
        message = f"the schema {found.schema} is not migrated: run `skillmeat migrate up`"
        raise NotMigrated(message)
    refuse_unknown_revision(found.current, schema=found.schema)
    statements = render_statements(found.current)
    with (
        translate_errors(),
        build_reference_schema(conn, statements, schema=found.schema) as reference,
    ):
        installed = drop_foreign_objects(read_schema(conn, schema=reference), statements)
        restore_definitions(conn, installed)
        restored = read_objects(conn, RESTORED_KINDS, schema=reference)
        installed = add_restored_definitions(installed, restored)
    quoted = str(fetch_scalar(conn, QUOTED, {"name": found.schema}))
    named = rename_schema(installed, schema=reference, to=found.schema, quoted=quoted)
    roles = fetch_scalar(conn, GROUP_ROLES, {"schema": found.schema})
    return keep_grants_to(named, roles)


def compare(
    conn: Conn,
    expected: SchemaObjects,
    found: MigrationStatus,
    comparisons: Sequence[Callable[[Comparison], Iterator[Difference]]] = COMPARISONS,
) -> CheckResult:
    """Compare the schema with `expected`, as the caller's transaction sees it, if there is one.

    Raises `Retry` if a session that alters a view keeps it from being read.
    """
    with translate_errors(), conn.transaction(force_rollback=True):
        conn.execute("set local lock_timeout = '1s'")
        actual = read_schema(conn, schema=found.schema, relations=expected["relation"])
    owners = Counter(facts["owner"] for facts in actual["relation"].values())
    user = str(fetch_scalar(conn, USER, {}))
    owner = owners.most_common(1)[0][0] if owners else user
    comparison = Comparison(expected, actual, owner, user)
    differences = tuple(each for find in comparisons for each in find(comparison))
    return CheckResult(found.schema, str(found.current), found.head, differences)
