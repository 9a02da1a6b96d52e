"""No setting of a session makes its counts or its reads wrong."""

from collections.abc import Mapping
from contextlib import suppress

import pytest
from psycopg import Connection, errors, sql

from tests.db.oracle import differences
from tests.security.conftest import Owned

# Settings that change how literals, lists, types or nulls are read, or which plans are used.
SETTINGS = {
    "standard_conforming_strings": "off",
    "default_transaction_isolation": "serializable",
    "default_transaction_deferrable": "on",
    "plpgsql.extra_warnings": "all",
    "transform_null_equals": "on",
    "array_nulls": "off",
    "row_security": "off",
    "check_function_bodies": "off",
    "quote_all_identifiers": "on",
    "DateStyle": "SQL, DMY",
    "IntervalStyle": "sql_standard",
    "bytea_output": "escape",
    "extra_float_digits": "-15",
    "lc_numeric": "C",
    "default_text_search_config": "simple",
    "plan_cache_mode": "force_generic_plan",
    "enable_indexscan": "off",
    "enable_hashagg": "off",
    "enable_nestloop": "off",
    "work_mem": "64kB",
    "TimeZone": "Pacific/Kiritimati",
}
# A transaction that must not write, or can read nothing, is refused, not wrong.
REFUSES_BY_DESIGN = {
    "default_transaction_read_only",
    "transaction_read_only",
    "transaction_isolation",
    "transaction_deferrable",
    "exit_on_error",
}
# Both find `classes pass`, unless the search is split at another place.
SEARCHES = ("ss", "pass  classes")
READS = (
    "select id, tags, version, collections from artifact_summaries order by id",
    "select id, artifact_count, group_count from collection_summaries order by id",
    "select id, artifact_count from group_summaries order by id",
    "select id, artifact_count from tag_summaries order by id",
    *(f"select * from search_artifacts('{each}') order by 1" for each in SEARCHES),
)
WRITES = """
insert into artifacts (type, name, title)
values ('skill', 'classes pass', 'It\tis'), ('agent', 'null', null);
insert into artifact_tags (artifact_id, tag_id)
values ('skill:classes pass', 'p'), ('agent:null', 'q');
insert into collection_artifacts (collection_id, artifact_id)
values ('p', 'skill:classes pass'), ('q', 'agent:null');
update collection_artifacts set collection_id = 'empty'
where (collection_id, artifact_id) = ('p', 'skill:s2');
update collections set id = 'new' where id = 'default';
delete from artifacts where id = 'agent:a2';
update tags set name = 'R' where id = 'p';
"""

USERSET = """
select name, value
from pg_settings
cross join unnest(case when vartype = 'bool' then array['on', 'off'] else enumvals end) as v (value)
where context = 'user' and vartype in ('bool', 'enum') and value <> setting
order by 1, 2
"""


def seen(conn: Connection) -> list[object]:
    """Write, and return what the session then reads; roll back."""
    with conn.transaction(force_rollback=True):
        conn.execute(WRITES)
        before = [conn.execute(each).fetchall() for each in READS]
        wrong = differences(conn)
        conn.execute("set constraints all immediate")
        after = [conn.execute(each).fetchall() for each in READS]
        return [before, after, wrong, differences(conn)]


def seen_with(owned: Owned, settings: Mapping[str, str]) -> list[object]:
    """Return what a session with these settings sees."""
    with owned.connect("app") as conn:
        for setting in settings.items():
            conn.execute("select set_config(%s, %s, false)", setting)
        return seen(conn)


@pytest.fixture(scope="module")
def ordinary(owned: Owned) -> list[object]:
    """Return what a session with default settings sees."""
    with owned.connect("app") as conn:
        found = seen(conn)
    assert found[2:] == [[], []]
    return found


def test_settings_change_no_answer(owned: Owned, ordinary: list[object]) -> None:
    assert seen_with(owned, SETTINGS) == ordinary


def test_standard_conforming_strings_changes_no_search(owned: Owned) -> None:
    with owned.connect("app") as conn, conn.transaction(force_rollback=True):
        conn.execute("set local standard_conforming_strings = off")
        conn.execute("insert into artifacts (type, name) values ('skill', 'classes pass')")

        found = conn.execute("select artifact_id from search_artifacts('ss')").fetchall()

    assert found == [("skill:classes pass",)]


@pytest.mark.exhaustive
def test_no_boolean_setting_of_a_session_changes_an_answer(
    owned: Owned, ordinary: list[object]
) -> None:
    with owned.connect("app") as conn:
        switches = conn.execute(USERSET).fetchall()

    different = [
        (name, value)
        for name, value in switches
        if name not in REFUSES_BY_DESIGN and seen_with(owned, {name: value}) != ordinary
    ]

    assert different == []


@pytest.mark.parametrize("limit", ["1ms", "5ms"])
def test_a_time_limit_undoes_a_statement_as_a_whole(owned: Owned, limit: str) -> None:
    with owned.connect("app") as conn, conn.transaction(force_rollback=True):
        conn.execute(sql.SQL("set local statement_timeout = {}").format(sql.Literal(limit)))
        with suppress(errors.QueryCanceled), conn.transaction():
            conn.execute(WRITES)
        conn.execute("set local statement_timeout = 0")

        assert differences(conn) == []


def test_a_writer_cannot_bypass_triggers(owned: Owned) -> None:
    with owned.connect("app") as conn, pytest.raises(errors.InsufficientPrivilege):
        conn.execute("set session_replication_role = replica")
