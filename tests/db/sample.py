"""A small catalogue in which every counter has a parent with rows, another, and an empty one."""

from dataclasses import dataclass

from psycopg import Connection

EMPTY = """
delete from artifact_types;
delete from collections;
delete from tags;
delete from project_templates;
delete from sources;
delete from count_changes;
insert into artifact_types (type) values ('agent'), ('skill'), ('workflow');
"""

SAMPLE = """
insert into artifacts (type, name, added_at, updated_at)
select type, name, '2026-01-01', '2026-01-01'
from (
    values
        ('skill', 's1'), ('skill', 's2'), ('skill', 's3'), ('skill', 's4'),
        ('agent', 'a1'), ('agent', 'a2'), ('agent', 'a3')
) as a (type, name);

insert into artifact_versions (artifact_id, content_hash, version)
values ('skill:s1', 'one', '1.0'), ('skill:s1', 'two', '1.1'), ('agent:a1', 'three', '2.0');

insert into tags (id, name, slug) values ('p', 'P', 'p'), ('q', 'Q', 'q'), ('empty', 'E', 'e');

insert into artifact_tags (tag_id, artifact_id)
select case type when 'skill' then 'p' else 'q' end, id from artifacts;

insert into collections (id, name)
values ('default', 'Default'), ('p', 'P'), ('q', 'Q'), ('empty', 'E');

insert into collection_artifacts (collection_id, artifact_id)
select 'default', id from artifacts
union all
select case type when 'skill' then 'p' else 'q' end, id from artifacts;

insert into groups (collection_id, id, name)
values
    ('default', 'gp', 'GP'), ('default', 'gq', 'GQ'), ('default', 'empty', 'E'),
    ('p', 'p1', '1'), ('p', 'p2', '2'), ('q', 'q3', '3');

insert into group_artifacts (collection_id, group_id, artifact_id)
select 'default', case type when 'skill' then 'gp' else 'gq' end, id
from artifacts
where id not in ('skill:s4', 'agent:a3');

insert into project_templates (name, collection_id) values ('T', 'p');
"""


# Most tests leave the snapshot as it was, and to refresh the same rows is a third of the work. A
# refresh without changes moves its limit only if the numbers of changes have reached it.
IS_POPULATED = """
select relispopulated from pg_class where oid = 'artifact_summaries_snapshot'::regclass
"""
FORGET_CHANGES = """
delete from artifact_changes
where not exists (
    select
    from artifact_details as d
    full join artifact_summaries_snapshot as s using (id)
    where to_jsonb(d) is distinct from to_jsonb(s) - 'json_document'
);
update last_refresh set bypass_after_seq = 0;
"""


def restore(conn: Connection) -> None:
    """Reset the database to the settled, refreshed sample; `conn` is in autocommit."""
    conn.execute(EMPTY)
    conn.execute(SAMPLE)
    conn.execute("select settle_counts()")
    if conn.execute(IS_POPULATED).fetchone() == (True,):
        conn.execute(FORGET_CHANGES)
    conn.execute("select refresh_artifact_summaries()")


@dataclass(frozen=True, slots=True)
class Child:
    """A counted table: its key column, three parents, and rows as SQL literals.

    `fresh` rows are not in it: two of parent `p`, then one of `q`; `taken` is there under `p`.
    """

    table: str
    columns: str
    unique: str
    key: str
    p: str
    q: str
    empty: str
    fresh: tuple[str, str, str]
    taken: str


CHILDREN = (
    Child(
        table="collection_artifacts",
        columns="collection_id, artifact_id",
        unique="collection_id, artifact_id",
        key="collection_id",
        p="p",
        q="q",
        empty="empty",
        fresh=("'p', 'agent:a1'", "'p', 'agent:a2'", "'q', 'skill:s1'"),
        taken="'p', 'skill:s1'",
    ),
    Child(
        table="groups",
        columns="collection_id, id, name",
        unique="id",
        key="collection_id",
        p="p",
        q="q",
        empty="empty",
        fresh=("'p', 'n1', 'N1'", "'p', 'n2', 'N2'", "'q', 'n3', 'N3'"),
        taken="'p', 'p1', '1'",
    ),
    Child(
        table="group_artifacts",
        columns="group_id, artifact_id, collection_id",
        unique="group_id, artifact_id",
        key="group_id",
        p="gp",
        q="gq",
        empty="empty",
        fresh=(
            "'gp', 'skill:s4', 'default'",
            "'gp', 'agent:a1', 'default'",
            "'gq', 'agent:a3', 'default'",
        ),
        taken="'gp', 'skill:s1', 'default'",
    ),
    Child(
        table="artifact_tags",
        columns="tag_id, artifact_id",
        unique="tag_id, artifact_id",
        key="tag_id",
        p="p",
        q="q",
        empty="empty",
        fresh=("'p', 'agent:a1'", "'p', 'agent:a2'", "'q', 'skill:s1'"),
        taken="'p', 'skill:s1'",
    ),
    Child(
        table="artifacts",
        columns="type, name",
        unique="id",
        key="type",
        p="skill",
        q="agent",
        empty="workflow",
        fresh=("'skill', 'n1'", "'skill', 'n2'", "'agent', 'n3'"),
        taken="'skill', 's1'",
    ),
)
