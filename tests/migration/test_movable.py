"""A catalogue can move to another server: nothing in it refers to an object outside its schema."""

from collections.abc import Iterator

import pytest
from psycopg import Connection

import skillmeat
from skillmeat import migration

# No text of the catalogue contains it by chance.
SCHEMA = "house_of_cards"

# The database holds nothing but the catalogue, so each object that is not PostgreSQL's own belongs
# to it. Triggers, rules and the like have no schema; what they need is an edge of its own.
EDGES_OUT = """
    select distinct needed.identity
    from pg_depend as d
    cross join pg_identify_object(d.refclassid, d.refobjid, d.refobjsubid) as needed
    where
        d.objid >= 16384
        and case
            when needed.schema is not null
                then needed.schema not in (current_schema(), 'pg_catalog', 'pg_toast')
            when needed.type = 'schema' then needed.identity <> current_schema()
            when needed.type in ('extension', 'event trigger', 'foreign-data wrapper', 'server')
                then true
            when needed.type = 'language' then needed.identity <> 'plpgsql'
            else false
        end
"""
BODIES_WITH_A_SCHEMA = r"""
    select p.proname
    from pg_proc as p
    where
        p.pronamespace = current_schema()::regnamespace
        and concat_ws(' ', p.prosrc, pg_get_function_sqlbody(p.oid))
            ~ ('\m(public|information_schema|' || current_schema() || ')\M')
"""

# A reference of each kind.
OUTSIDE = (
    "create domain public.word as text",
    "create function public.outside() returns int return 1",
    "alter table tags add column added public.word",
    "create view seen as select public.outside() as number",
    "create function named() returns int language plpgsql as 'begin return public.outside(); end'",
)


@pytest.fixture
def moving(empty_url: str) -> Iterator[Connection]:
    """Yield a connection, in autocommit, to a catalogue in a schema of its own."""
    migration.upgrade(url=empty_url, schema=SCHEMA, report=lambda _: None)
    with skillmeat.connect(empty_url, schema=SCHEMA, autocommit=True) as conn:
        yield conn


def test_nothing_of_a_catalogue_refers_to_an_object_outside_its_schema(moving: Connection) -> None:
    intact = find_references(moving)
    for statement in OUTSIDE:
        moving.execute(statement.encode())

    assert intact == (set(), set())
    assert find_references(moving) == ({"public", "public.word", "public.outside()"}, {"named"})


def find_references(conn: Connection) -> tuple[set[str], set[str]]:
    """Return the outside objects that are needed, and the functions whose text names a schema."""
    return (
        {needed for (needed,) in conn.execute(EDGES_OUT.encode())},
        {name for (name,) in conn.execute(BODIES_WITH_A_SCHEMA.encode())},
    )
