"""A server of this version reads a schema to which a later version has added columns."""

from collections.abc import Iterator

import pytest
from psycopg import Connection

import skillmeat
from skillmeat.catalogue import create_collection, create_group, create_tag
from tests.catalogue.calls import READS
from tests.conftest import database

# A later version of `summary_drift` brings its own `summary_drift_of()`, which returns its rows.
ADD_COLUMNS = """
do $add$
declare
    view record;
begin
    for view in
        select c.oid::regclass as name, rtrim(pg_get_viewdef(c.oid), ';') as definition
        from pg_class as c
        where
            c.relnamespace = current_schema()::regnamespace
            and c.relkind = 'v'
            and c.relname <> 'summary_drift'
    loop
        execute format(
            'create or replace view %s as select v.*, 1 as of_a_later_version from (%s) as v',
            view.name, view.definition
        );
    end loop;
end;
$add$;

alter function refresh_status() rename to former_refresh_status;
create view later_refresh_status as
select *, 1 as of_a_later_version from former_refresh_status();
create function refresh_status() returns later_refresh_status
    language sql as 'select * from later_refresh_status';
"""


@pytest.fixture(scope="module")
def later(server_url: str, template: str) -> Iterator[Connection]:
    """Yield a session in a catalogue whose views have one more column."""
    with (
        database(server_url, template=template) as url,
        skillmeat.connect(url, autocommit=True) as conn,
    ):
        create_collection(conn, id="one", name="One")
        create_group(conn, "one", id="g", name="G")
        create_tag(conn, name="t")
        # A wrong count, which the lists of drift then have.
        conn.execute("update collections set artifact_count = 1")
        conn.execute(ADD_COLUMNS)
        yield conn


@pytest.mark.parametrize("name", READS)
def test_a_function_ignores_a_column_of_a_later_version(later: Connection, name: str) -> None:
    READS[name](later)
