"""The catalogue that the tests move, and the checks of a restored catalogue."""

from dataclasses import dataclass

from psycopg import Connection

import skillmeat
from skillmeat import migration
from skillmeat.maintenance.refresh import refresh_snapshot
from tests.db.oracle import differences
from tests.db.sample import restore

TABLES = (
    "artifact_types",
    "artifacts",
    "artifact_versions",
    "artifact_contents",
    "tags",
    "artifact_tags",
    "collections",
    "collection_artifacts",
    "groups",
    "group_artifacts",
    "project_templates",
    "sources",
    "source_collections",
    "source_artifacts",
)

# At REPEATABLE READ no transaction settles pending counts.
TRAFFIC = """
begin isolation level repeatable read;
insert into artifact_types (type) values ('own_type');
insert into artifacts (type, name) values ('skill', 's9'), ('agent', 'a9'), ('own_type', 'o');
delete from artifacts where name = 's2';
insert into tags (id, name, slug) values ('late', 'Late', 'late');
insert into artifact_tags (tag_id, artifact_id) values ('late', 'skill:s9'), ('q', 'skill:s9');
insert into collections (id, name) values ('late', 'Late');
insert into collection_artifacts (collection_id, artifact_id)
values ('p', 'skill:s9'), ('late', 'skill:s9'), ('late', 'agent:a9'), ('default', 'agent:a9');
insert into groups (collection_id, id, name) values ('late', 'gl', 'GL'), ('p', 'p4', '4');
insert into group_artifacts (collection_id, group_id, artifact_id)
values ('late', 'gl', 'agent:a9');
delete from collection_artifacts where collection_id = 'q' and artifact_id = 'agent:a1';
update artifacts set title = E'a \\t tab, a \\\\ and a\\nnew line' where name = 's3';
commit;
"""

# A row of every counted table, for a new parent and for an old parent.
MORE_TRAFFIC = """
insert into artifact_types (type) values ('arrived');
insert into artifacts (type, name) values ('arrived', 'n1'), ('skill', 'n2');
insert into tags (id, name, slug) values ('arrived', 'Arrived', 'arrived');
insert into artifact_tags (tag_id, artifact_id) values ('arrived', 'skill:n2'), ('p', 'skill:n2');
insert into collections (id, name) values ('arrived', 'Arrived');
insert into collection_artifacts (collection_id, artifact_id)
values ('arrived', 'skill:n2'), ('default', 'skill:n2'), ('late', 'arrived:n1');
insert into groups (collection_id, id, name) values ('arrived', 'ga', 'GA'), ('late', 'gb', 'GB');
insert into group_artifacts (collection_id, group_id, artifact_id)
values ('arrived', 'ga', 'skill:n2'), ('default', 'gp', 'skill:n2');
insert into artifact_versions (artifact_id, content_hash, version)
values ('skill:s1', 'arrived', '9.0');
insert into artifact_contents (content_hash, content) values ('arrived', E'one\\ntwo\\t\\\\');
"""

# Every row without its count keys and settled counts.
ROWS = " union all ".join(
    f"select '{table} ' || (to_jsonb(t) - '{{artifact_count, artifact_count_key, group_count, "
    f"group_count_key}}'::text[])::text from {table} as t"
    for table in TABLES
)
BYPASSED = (
    "select from snapshot_bypass where everything_changed or has_too_many_changes or is_replaced"
)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A catalogue without writers: its URL and its rows."""

    url: str
    rows: list[str]


def fill(url: str) -> None:
    """Fill an empty catalogue; counts and changes are then pending, and the snapshot is behind."""
    with skillmeat.connect(url, autocommit=True) as conn:
        restore(conn)
        conn.execute(TRAFFIC)


def rows(conn: Connection) -> list[str]:
    """Return the rows of the catalogue's own tables."""
    return sorted(row[0] for row in conn.execute(ROWS))


def list_errors(url: str, expected: list[str], *, schema: str = "skillmeat") -> list[str]:
    """Return the errors of a restored catalogue: at first, after writes and after a refresh."""
    with skillmeat.connect(url, schema=schema, autocommit=True) as conn:
        found = [f"lost {row}" for row in sorted({*expected} - {*rows(conn)})]
        found += [f"unexpected {row}" for row in sorted({*rows(conn)} - {*expected})]
        found += [f"at first {each}" for each in differences(conn)]
        found += (
            [] if migration.get_status(url=url, schema=schema).up_to_date else ["not up to date"]
        )
        found += [f"written {each}" for each in after_writes(conn)]
    return found


def after_writes(conn: Connection) -> list[str]:
    """Write more rows, then refresh the snapshot; return the drift after each."""
    conn.execute(MORE_TRAFFIC)
    found = differences(conn)
    refresh_snapshot(conn)
    found += [f"refreshed {each}" for each in differences(conn)]
    return found + (["read live"] if conn.execute(BYPASSED).rowcount else [])
