"""The prepared JSON of a collection follows its id and name, whatever a statement gives."""

import json

import pytest
from psycopg import Connection, sql

from tests.db.oracle import differences

WRITES = {
    "an_insert": "insert into collections (id, name) values ('n', 'N \"x\" \\ é')",
    "an_insert_that_gives_it": (
        "insert into collections (id, name, json_prefix) values ('n', 'N', '{')"
    ),
    "an_upsert": (
        "insert into collections (id, name) values ('p', 'New') "
        "on conflict (id) do update set name = excluded.name, json_prefix = excluded.id"
    ),
    "a_merge": (
        "merge into collections as c using (values ('p'), ('n')) as v (id) on c.id = v.id "
        "when matched then update set name = 'Merged' "
        "when not matched then insert (id, name) values (v.id, 'N')"
    ),
    "a_new_name": "update collections set name = name || '!'",
    "a_new_id": "update collections set id = id || '2'",
    "an_update_that_gives_it": "update collections set json_prefix = null",
}


@pytest.mark.parametrize("role", ["origin", "replica"])
@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_write_sets_it(sample: Connection, write: str, role: str) -> None:
    sample.execute(sql.SQL("set local session_replication_role = {}").format(role))
    sample.execute(write)

    assert wrong_prefixes(sample) == []


def test_a_copy_sets_it(sample: Connection) -> None:
    with sample.cursor().copy("copy collections (id, name, json_prefix) from stdin") as copy:
        copy.write_row(("n", "N", "given"))

    assert wrong_prefixes(sample) == []


def test_a_statement_that_gives_it_alone_is_no_edit(sample: Connection) -> None:
    before = sample.execute("select id, updated_at from collections order by id").fetchall()
    sample.commit()
    sample.execute("update collections set json_prefix = 'given'")

    after = sample.execute("select id, updated_at from collections order by id").fetchall()
    assert after == before


@pytest.fixture
def untriggered(sample: Connection) -> Connection:
    """Disable the trigger in the transaction of the test."""
    sample.execute("alter table collections disable trigger collections_set_json_prefix")
    return sample


def test_a_wrong_one_is_drift_and_repaired(untriggered: Connection) -> None:
    untriggered.execute(
        "update collections set json_prefix = replace(json_prefix, 'P', 'X') where id = 'p'"
    )
    drifting = ids(untriggered, "select id from summary_drift")
    of_one = ids(untriggered, "select id from summary_drift_of(array['skill:s1', 'agent:a1'])")

    repaired = ids(untriggered, "select repair_summaries()")

    left = (differences(untriggered), wrong_prefixes(untriggered))
    skills = ["skill:s1", "skill:s2", "skill:s3", "skill:s4"]
    assert (drifting, of_one, repaired, left) == (skills, ["skill:s1"], skills, ([], []))


def test_one_that_is_no_json_is_repaired_and_only_given_artifacts_are_named(
    untriggered: Connection,
) -> None:
    untriggered.execute("update collections set json_prefix = 'no json'")

    repaired = ids(untriggered, "select repair_summaries(array['skill:s1'])")

    left = (differences(untriggered), wrong_prefixes(untriggered))
    assert (repaired, left) == (["skill:s1"], ([], []))


def wrong_prefixes(conn: Connection) -> list[str]:
    """Return the ids of the collections whose prepared JSON is not that of their id and name."""
    rows = conn.execute("select id, name, json_prefix from collections").fetchall()
    return [
        collection_id
        for collection_id, name, prefix in rows
        if json.loads(f"{prefix}7}}") != {"id": collection_id, "name": name, "artifact_count": 7}
    ]


def ids(conn: Connection, statement: str) -> list[str]:
    """Return the ids that a statement finds, each once."""
    return sorted({row[0] for row in conn.execute(statement)})
