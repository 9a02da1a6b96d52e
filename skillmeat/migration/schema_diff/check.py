"""Compare what is installed with what the installed revision installs."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

from skillmeat.connection import connect
from skillmeat.errors import NotMigrated, translate_errors
from skillmeat.migration.commands import Status, status
from skillmeat.migration.schema_diff.constraints import constraints, extra_constraints, indexes
from skillmeat.migration.schema_diff.definitions import definitions, extra_functions
from skillmeat.migration.schema_diff.difference import Compared, Difference
from skillmeat.migration.schema_diff.introspection import Catalogue, read, renamed
from skillmeat.migration.schema_diff.privileges import comments, grants, owners
from skillmeat.migration.schema_diff.recreate import retyped
from skillmeat.migration.schema_diff.reference_schema import made_anew, restore, told_twice
from skillmeat.migration.schema_diff.tables import columns, domains, sequences, tables
from skillmeat.migration.schema_diff.triggers import extra_triggers, triggers
from skillmeat.query import Conn, fetch_scalar

# In this order the mends work one after the other.
QUOTED: Final = "select quote_ident(%(name)s)"
USER: Final = "select quote_ident(current_user)"

COMPARISONS = (
    owners,
    extra_triggers,
    extra_functions,
    extra_constraints,
    tables,
    domains,
    sequences,
    columns,
    retyped,
    constraints,
    definitions,
    indexes,
    triggers,
    grants,
    comments,
)


@dataclass(frozen=True, slots=True)
class Checked:
    """What was compared, and what differs, in the order in which to mend it.

    `revision` is the installed one and `head` the newest.
    """

    schema: str
    revision: str
    head: str | None
    differences: tuple[Difference, ...]


def check(*, url: str | None = None, schema: str | None = None) -> Checked:
    """Compare a schema with what its revision installs; nobody waits, and nothing is left behind.

    Raises `NotMigrated`, `NotAllowed` without CREATE on the database, `DatabaseError` on a standby,
    and `SkillMeatError` where the revision is not one of this version's.
    """
    found = status(url=url, schema=schema)
    with connect(url, schema=found.schema, autocommit=True) as conn:
        return checked(conn, found)


def checked(conn: Conn, found: Status) -> Checked:
    """The same on a connection in autocommit."""
    return beside(conn, expected(conn, found), found)


def expected(conn: Conn, found: Status) -> Catalogue:
    """What the installed revision installs, told of the schema that it is installed in."""
    if found.current is None:
        message = f"the schema {found.schema} is not migrated: run `skillmeat migrate up`"
        raise NotMigrated(message)
    with translate_errors(), made_anew(conn, found.current, schema=found.schema) as scratch:
        made = read(conn, schema=scratch)
        restore(conn, made)
        made = told_twice(made, read(conn, schema=scratch))
    quoted = str(fetch_scalar(conn, QUOTED, {"name": found.schema}))
    return renamed(made, schema=scratch, to=found.schema, quoted=quoted)


def beside(conn: Conn, wanted: Catalogue, found: Status) -> Checked:
    """What differs from `wanted` now; in a transaction of the caller's, as it stands there.

    Raises `Retry` where somebody who alters a view keeps it from being read.
    """
    with translate_errors(), conn.transaction(force_rollback=True):
        conn.execute("set local lock_timeout = '1s'")
        actual = read(conn, schema=found.schema, relations=wanted["relation"])
    owners = Counter(facts["owner"] for facts in actual["relation"].values())
    user = str(fetch_scalar(conn, USER, {}))
    owner = owners.most_common(1)[0][0] if owners else user
    both = Compared(wanted, actual, owner, user)
    differences = tuple(each for comparison in COMPARISONS for each in comparison(both))
    return Checked(found.schema, str(found.current), found.head, differences)
