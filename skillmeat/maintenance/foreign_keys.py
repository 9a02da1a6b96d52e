"""Whether every foreign key holds: loads that pass by triggers pass by these, too."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from psycopg.sql import SQL, Composed, Identifier

from skillmeat.query import Conn, all_rows, scalar


@dataclass(frozen=True, slots=True)
class Dangling:
    """How many `rows` of a `table` refer to nothing, and the foreign key that says so."""

    table: str
    reference: str
    rows: int


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key: the columns of `child` that name a row of `parent` by its own."""

    name: str
    child: str
    parent: str
    child_columns: list[str]
    parent_columns: list[str]


REFERENCES: Final = """
    select
        k.conname as name,
        child.relname as child,
        parent.relname as parent,
        array(
            select a.attname
            from unnest(k.conkey) with ordinality as u (attnum, position)
            inner join pg_attribute as a on a.attrelid = k.conrelid and a.attnum = u.attnum
            order by u.position
        )::text[] as child_columns,
        array(
            select a.attname
            from unnest(k.confkey) with ordinality as u (attnum, position)
            inner join pg_attribute as a on a.attrelid = k.confrelid and a.attnum = u.attnum
            order by u.position
        )::text[] as parent_columns
    from pg_constraint as k
    inner join pg_class as child on child.oid = k.conrelid
    inner join pg_class as parent on parent.oid = k.confrelid
    where
        k.contype = 'f'
        and k.connamespace = current_schema()::regnamespace
        and has_table_privilege(k.conrelid, 'select')
        and has_table_privilege(k.confrelid, 'select')
    order by k.conname
"""

DANGLING: Final = SQL(
    """
    select count(*)
    from {child} as c
    where ({set}) and not exists (select from {parent} as p where {equal})
    """
)


def dangling(conn: Conn) -> Iterator[Dangling]:
    """Each foreign key that does not hold, of those between tables that the role may read."""
    for reference in all_rows(conn, Reference, REFERENCES, {}):
        rows = int(scalar(conn, _counting(reference), {}))
        if rows:
            yield Dangling(reference.child, reference.name, rows)


def _counting(reference: Reference) -> Composed:
    own = [Identifier("c", each) for each in reference.child_columns]
    named = [Identifier("p", each) for each in reference.parent_columns]
    return DANGLING.format(
        child=Identifier(reference.child),
        parent=Identifier(reference.parent),
        set=SQL(" and ").join(SQL("{} is not null").format(each) for each in own),
        equal=SQL(" and ").join(
            SQL("{} = {}").format(theirs, mine) for theirs, mine in zip(named, own, strict=True)
        ),
    )
