"""The contents of a catalogue without times and generated keys, to compare before and after."""

from psycopg import Connection

Rows = list[tuple[str, ...]]

CONTENTS = """
select 'artifact', id, coalesce(title, ''), '' from artifacts where name like %(names)s
union all
select 'version', artifact_id, version, content_hash
from artifact_versions where split_part(artifact_id, ':', 2) like %(names)s
union all
select 'tag', id, name, slug from tags where id like %(names)s
union all
select 'tagging', artifact_id, tag_id, ''
from artifact_tags where split_part(artifact_id, ':', 2) like %(names)s
union all
select 'collection', id, name, coalesce(description, '') from collections where id like %(names)s
union all
select 'membership', artifact_id, collection_id, ''
from collection_artifacts where split_part(artifact_id, ':', 2) like %(names)s
union all
select 'group', collection_id, name, '' from groups where collection_id like %(names)s
union all
select 'place', artifact_id, collection_id, group_id
from group_artifacts where split_part(artifact_id, ':', 2) like %(names)s
order by 1, 2, 3, 4
"""

UNTRUE = """
with held as (select to_jsonb(s) - 'json_document' from artifact_summaries_snapshot as s),
wanted as (select to_jsonb(d) from artifact_details as d)
(table held except all table wanted)
union all
(table wanted except all table held)
"""


def contents(conn: Connection, names: str = "%") -> Rows:
    """Return every row with an artifact, tag or collection that matches the pattern."""
    return conn.execute(CONTENTS, {"names": names}).fetchall()


def stale_rows(conn: Connection) -> Rows:
    """Return the rows of the snapshot that differ from the plain joins."""
    return conn.execute(UNTRUE).fetchall()
