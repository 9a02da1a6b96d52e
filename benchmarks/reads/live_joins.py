"""Contenders that join a page with its tags, version and collections in hand-written SQL."""

from typing import Final

from benchmarks.reads.statements import ARTIFACTS, MEMBERS, Statements

# The page first, then the rows that belong to it.
AS_WRITTEN: Final = """
    select
        a.*,
        array(
            select t.name::text as name
            from artifact_tags as x
            inner join tags as t on t.id = x.tag_id
            where x.artifact_id = a.id
            order by name
        ) as tags,
        (
            select v.version
            from artifact_versions as v
            where v.artifact_id = a.id
            order by v.created_at desc, v.id desc
            limit 1
        ) as version,
        (
            select jsonb_agg(
                jsonb_build_object('id', c.id, 'name', c.name, 'artifact_count', c.artifact_count)
                order by c.id <> 'default', c.name
            )
            from collection_artifacts as m
            inner join collections as c on c.id = m.collection_id
            where m.artifact_id = a.id
        ) as collections
    from ({artifacts}) as a
    order by a.id
"""

# The page first, then the rows that belong to it, by key, with the optimizations of our own views.
# A join with the tags would scan all tags for every artifact. Rows that become JSON in one call
# cost less than one object each and an aggregate.
JOINED: Final = """
    select
        a.*,
        array(
            select (select t.name::text from tags as t where t.id = x.tag_id) as name
            from artifact_tags as x
            where x.artifact_id = a.id
            order by name
        ) as tags,
        (
            select v.version
            from artifact_versions as v
            where v.artifact_id = a.id
            order by v.created_at desc, v.id desc
            limit 1
        ) as version,
        to_jsonb(array(
            select counted
            from (
                select c.id::text, c.name::text, {count} as artifact_count
                from collection_artifacts as m
                inner join {collections} on c.id = m.collection_id
                where m.artifact_id = a.id
                order by c.id <> 'default', c.name
            ) as counted
        )) as collections
    from ({artifacts}) as a
    order by a.id
"""

# Nearly every artifact is in `default`: as in our view, its count is read once for all artifacts.
SUMMARISED: Final = """
    select
        a.*,
        to_jsonb(
            case
                when 'default' = any(a.collection_ids) then array(
                    select counted
                    from (
                        select c.id::text, c.name::text, c.artifact_count
                        from collections as c
                        where c.id = 'default'
                    ) as counted
                )
            end
            || array(
                select counted
                from (
                    select c.id::text, c.name::text, c.artifact_count
                    from unnest(array_remove(a.collection_ids, 'default')) as m (id)
                    inner join collections as c on c.id = m.id
                    order by c.name
                ) as counted
            )
        ) as collections
    from ({artifacts}) as a
    order by a.id
"""

COLLECTIONS: Final = """
    select c.id, c.name, c.description, {count} as artifact_count
    from {collections}
    where c.id {condition}
    order by c.id
    limit 10
"""


def _joined(*, count: str, collections: str) -> Statements:
    counted = {"count": count, "collections": collections}
    return Statements(
        page=JOINED.format(artifacts=ARTIFACTS, **counted),
        members=JOINED.format(artifacts=MEMBERS, **counted),
        collection=COLLECTIONS.format(condition="= %(id)s", **counted),
        collections=COLLECTIONS.format(condition="> %(after)s", **counted),
    )


COUNTERS: Final = _joined(count="c.artifact_count", collections="collections as c")

IVM: Final = _joined(
    count="coalesce(i.artifact_count, 0)",
    collections="(collections as c left join ivm_counts as i on i.collection_id = c.id)",
)

COUNTED_EACH: Final = _joined(
    count="(select count(*) from collection_artifacts as n where n.collection_id = c.id)",
    collections="collections as c",
)

WRITTEN: Final = Statements(
    page=AS_WRITTEN.format(artifacts=ARTIFACTS),
    members=AS_WRITTEN.format(artifacts=MEMBERS),
    collection=COUNTERS.collection,
    collections=COUNTERS.collections,
)

SUMMARY_TABLE: Final = Statements(
    page=SUMMARISED.format(
        artifacts="select * from summaries where id > %(after)s order by id limit 50"
    ),
    members=SUMMARISED.format(
        artifacts=MEMBERS.replace("inner join artifacts as a", "inner join summaries as a")
    ),
    collection=COUNTERS.collection,
    collections=COUNTERS.collections,
)
