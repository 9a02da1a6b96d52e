"""Rows that a load added without triggers: verify lists the drift, and repair corrects it."""

import pytest
from psycopg import Connection

import skillmeat
from skillmeat.maintenance import (
    list_count_drift,
    list_summary_drift,
    repair_counts,
    repair_summaries,
)
from tests.db.oracle import differences
from tests.dump_restore.samples import TABLES

# Triggers set ids, keys and prepared JSON of new rows, and none may fire here, so the statements
# give them.
LOADED = """
insert into artifact_types (type, artifact_count_key) values ('loaded', 1);
insert into artifacts (id, type, name)
values ('loaded:n1', 'loaded', 'n1'), ('skill:n2', 'skill', 'n2');
insert into tags (id, name, slug, artifact_count_key) values ('loaded', 'Loaded', 'loaded', 2);
insert into artifact_tags (tag_id, artifact_id) values ('loaded', 'skill:n2'), ('p', 'skill:n2');
insert into collections (id, name, json_prefix, artifact_count_key, group_count_key)
values ('loaded', 'Loaded', '{', 3, 4);
insert into collection_artifacts (collection_id, artifact_id)
values ('loaded', 'skill:n2'), ('default', 'skill:n2'), ('late', 'loaded:n1');
insert into groups (collection_id, id, name, artifact_count_key)
values ('loaded', 'gl1', 'G1', 5), ('late', 'gl2', 'G2', 6);
insert into group_artifacts (collection_id, group_id, artifact_id)
values ('loaded', 'gl1', 'skill:n2'), ('default', 'gp', 'skill:n2');
update artifacts set title = 'Loaded' where id = 'skill:s3';
delete from artifacts where id = 'own_type:o';
"""
COUNTS = {
    ("artifact_types.artifact_count", "loaded"),
    ("artifact_types.artifact_count", "own_type"),
    ("artifact_types.artifact_count", "skill"),
    ("collections.artifact_count", "default"),
    ("collections.artifact_count", "late"),
    ("collections.artifact_count", "loaded"),
    ("collections.group_count", "late"),
    ("collections.group_count", "loaded"),
    ("groups.artifact_count", "gl1"),
    ("groups.artifact_count", "gp"),
    ("tags.artifact_count", "loaded"),
    ("tags.artifact_count", "p"),
}
SUMMARIES = {"loaded:n1", "skill:n2"}
UNSEEN = "set session_replication_role = replica"
SEEN = "set session_replication_role = origin"
TRIGGERS = "alter table {} {} trigger all"


def test_verify_lists_the_drift_of_rows_that_a_replica_session_loads(copied: str) -> None:
    with skillmeat.connect(copied, autocommit=True) as conn:
        load(conn)

        counts = {(each.counter, each.parent) for each in list_count_drift(conn)}
        summaries = {each.id for each in list_summary_drift(conn)}
        assert (counts, summaries >= SUMMARIES) == (COUNTS, True)


def test_a_repair_corrects_rows_that_a_replica_session_loads(copied: str) -> None:
    with skillmeat.connect(copied, autocommit=True) as conn:
        load(conn)

        repair_all(conn)

        assert differences(conn) == []


@pytest.mark.exhaustive
def test_a_repair_corrects_rows_loaded_with_disabled_triggers(copied: str) -> None:
    with skillmeat.connect(copied, autocommit=True) as conn:
        for table in TABLES:
            conn.execute(TRIGGERS.format(table, "disable"))
        conn.execute(LOADED)
        for table in TABLES:
            conn.execute(TRIGGERS.format(table, "enable"))

        repair_all(conn)

        assert differences(conn) == []


def test_writers_beside_a_load_and_its_repair_are_not_lost(copied: str) -> None:
    with skillmeat.connect(copied, autocommit=True) as conn, skillmeat.connect(copied) as writer:
        writer.execute("insert into collection_artifacts values ('late', 'skill:s1')")
        writer.execute("delete from collection_artifacts where collection_id = 'q'")
        load(conn)

        repair_all(conn)
        writer.commit()

        assert differences(conn) == []


def test_a_replica_session_may_insert_rows_without_count_keys(copied: str) -> None:
    with skillmeat.connect(copied, autocommit=True) as conn:
        conn.execute(UNSEEN)

        conn.execute("insert into collections (id, name) values ('loaded', 'Loaded')")

        assert differences(conn) == []


def load(conn: Connection) -> None:
    """Load more rows without triggers."""
    conn.execute(UNSEEN)
    conn.execute(LOADED)
    conn.execute(SEEN)


def repair_all(conn: Connection) -> None:
    """Do what `skillmeat repair` does."""
    repair_counts(conn)
    repair_summaries(conn)
