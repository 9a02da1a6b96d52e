"""Check that every foreign key holds; a load that bypasses triggers bypasses foreign keys too."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from psycopg.sql import SQL, Composed, Identifier

from skillmeat.database.query import Conn, fetch_all, fetch_scalar


@dataclass(frozen=True, slots=True)
class BrokenForeignKey:
    """A foreign key, named `reference`, that `rows` rows of its `table` violate."""

    table: str
    reference: str
    rows: int


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A foreign key: columns of `child` that refer to columns of `parent`."""

    name: str
    child: str
    parent: str
    child_columns: list[str]
    parent_columns: list[str]


FOREIGN_KEYS: Final = """
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
        and k.connamespace = quote_ident(current_schema())::regnamespace
        -- A table that an administrator has added here may refer to one in another schema.
        and parent.relnamespace = k.connamespace
        and has_table_privilege(k.conrelid, 'select')
        and has_table_privilege(k.confrelid, 'select')
    order by k.conname
"""

COUNT_BROKEN_ROWS: Final = SQL(
    """
    select count(*)
    from {child} as c
    where ({set}) and not exists (select from {parent} as p where {equal})
    """
)


def list_broken_foreign_keys(conn: Conn) -> Iterator[BrokenForeignKey]:
    """Yield each violated foreign key between tables that the role may read."""
    for key in fetch_all(conn, ForeignKey, FOREIGN_KEYS, {}):
        rows = int(fetch_scalar(conn, _count_broken_rows(key), {}))
        if rows:
            yield BrokenForeignKey(key.child, key.name, rows)


def _count_broken_rows(key: ForeignKey) -> Composed:
    referring = [Identifier("c", column) for column in key.child_columns]
    referred = [Identifier("p", column) for column in key.parent_columns]
    return COUNT_BROKEN_ROWS.format(
        child=Identifier(key.child),
        parent=Identifier(key.parent),
        set=SQL(" and ").join(SQL("{} is not null").format(column) for column in referring),
        equal=SQL(" and ").join(
            SQL("{} = {}").format(parent, child)
            for parent, child in zip(referred, referring, strict=True)
        ),
    )
