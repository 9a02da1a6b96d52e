"""The oracle: the views compared with COUNT(*) and plain joins, in one statement and snapshot."""

from psycopg import Connection, errors
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.pq.abc import PGresult

DIFFERENCES = """
with told (counter, parent, counted) as (
    select 'collections.artifact_count', id, artifact_count from collection_summaries
    union all select 'collections.group_count', id, group_count from collection_summaries
    union all select 'groups.artifact_count', id, artifact_count from group_summaries
    union all select 'tags.artifact_count', id, artifact_count from tag_summaries
    union all
    select 'artifact_types.artifact_count', type, artifact_count from artifact_type_summaries
),

counted (counter, parent, counted) as (
    select 'collections.artifact_count', p.id, count(c.artifact_id)
    from collections as p left join collection_artifacts as c on c.collection_id = p.id
    group by p.id
    union all
    select 'collections.group_count', p.id, count(c.id)
    from collections as p left join groups as c on c.collection_id = p.id
    group by p.id
    union all
    select 'groups.artifact_count', p.id, count(c.artifact_id)
    from groups as p left join group_artifacts as c on c.group_id = p.id
    group by p.id
    union all
    select 'tags.artifact_count', p.id, count(c.artifact_id)
    from tags as p left join artifact_tags as c on c.tag_id = p.id
    group by p.id
    union all
    select 'artifact_types.artifact_count', p.type, count(c.id)
    from artifact_types as p left join artifacts as c on c.type = p.type
    group by p.type
),

-- Each is read twice: the planner plans a view as often as a statement names it.
summaries as materialized (table artifact_summaries),

live as materialized (table artifact_summaries_live)

select 'count_drift ' || d::text from count_drift as d
union all
select 'told ' || e::text from (table told except all table counted) as e
union all
select 'counted ' || e::text from (table counted except all table told) as e
union all
select 'summary ' || e::text
from (table summaries except all table live) as e
union all
select 'live ' || e::text
from (table live except all table summaries) as e
"""

# Above READ COMMITTED, a session that takes a key that another one has just freed sees the old row
# beside the new row.
DOUBLED = """
select key
from (
    select 'artifact ' || id from artifacts
    union all select 'tag ' || id from tags
    union all select 'collection ' || id from collections
    union all select 'group ' || id from groups
    union all select 'type ' || type from artifact_types
    union all select 'tagging ' || (artifact_id, tag_id) from artifact_tags
    union all select 'membership ' || (artifact_id, collection_id) from collection_artifacts
    union all select 'place ' || (artifact_id, group_id) from group_artifacts
) as keys (key)
group by key
having count(*) > 1
"""


def differences(conn: Connection) -> list[str]:
    """Return every difference of the views in the snapshot of `conn`."""
    if conn.prepare_threshold is None:  # it may share its server session with other clients
        return [row[0] for row in conn.execute(DIFFERENCES)]
    # Planning takes longer than all else. Unlike psycopg's own, this one survives a rollback. SQL's
    # EXECUTE would take its snapshot before its locks: after a wait for a TRUNCATE, which is not
    # MVCC-safe, it would see the old counts of an empty table.
    known = conn.execute("select from pg_prepared_statements where name = 'differences'")
    if known.fetchone() is None:
        _check(conn, conn.pgconn.prepare(b"differences", DIFFERENCES.encode()))
    result = _check(conn, conn.pgconn.exec_prepared(b"differences", []))
    values = [result.get_value(row, 0) for row in range(result.ntuples)]
    return [value.decode() for value in values if value is not None]


def _check(conn: Connection, result: PGresult) -> PGresult:
    if conn.pgconn.status == ConnStatus.BAD:
        raise errors.OperationalError(conn.pgconn.get_error_message())
    if result.status not in (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK):
        raise errors.error_from_result(result, encoding=conn.info.encoding)
    return result


def has_duplicates(conn: Connection) -> bool:
    """Return whether `conn` sees a key twice; its views cannot be right then."""
    return conn.execute(DOUBLED).fetchone() is not None


def pending(conn: Connection) -> int:
    """Return how many changes are pending."""
    (found,) = conn.execute("select count(*) from count_changes").fetchone() or (0,)
    return int(found)
