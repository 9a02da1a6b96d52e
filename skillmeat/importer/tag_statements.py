"""The idempotent statements that import the tags of the staged artifacts.

Each statement inserts in key order, because writers with different orders could deadlock. The
staged rows are those of `staging` and `merge`.
"""

from typing import Final

ADD_TAGS: Final = """
    insert into tags (slug, name, is_imported)
    select i.slug, i.name, true
    from pg_temp.incoming_tags as i
    where not exists (select from tags as t where t.slug = i.slug or t.name = i.name)
    order by i.slug
    on conflict do nothing
"""

# Use the tag with the same slug, else the tag with the same name.
ADD_ARTIFACT_TAGS: Final = """
    with known as materialized (
        select
            i.slug,
            (
                select t.id
                from tags as t
                where t.slug = i.slug or t.name = i.name
                order by t.slug = i.slug desc
                limit 1
            ) as tag_id
        from pg_temp.incoming_tags as i
    )

    insert into artifact_tags (artifact_id, tag_id, is_imported)
    select distinct i.artifact_id, k.tag_id, true
    from pg_temp.incoming_artifact_tags as i
    inner join known as k on k.slug = i.slug
    where
        k.tag_id is not null
        and not exists (
            select
            from artifact_tags as x
            where x.artifact_id = i.artifact_id and x.tag_id = k.tag_id
        )
    order by i.artifact_id, k.tag_id
    on conflict do nothing
"""

# Sources may spell one tag differently. A tag that an import added has the first spelling in code
# point order among all copies. The spelling of a tag that a person renamed is in no copy.
FIND_RESPELLED_TAGS: Final = """
    create temporary table respelled_tags
    on commit drop
    as
    select c.id, c.slug
    from (
        select t.id, t.slug::text as slug, t.name::text as name
        from pg_temp.incoming_tags as i
        inner join tags as t on t.slug = i.slug
        where t.is_imported and t.name <> i.name
        union
        select t.id, t.slug::text as slug, t.name::text as name
        from pg_temp.lost_copies as l
        cross join lateral jsonb_each_text(l.tags) as o (slug, name)
        inner join tags as t on t.slug = o.slug and t.name = o.name
        where t.is_imported
    ) as c
    where
        exists (
            select
            from source_artifacts as r
            where r.tags @> jsonb_build_object(c.slug, c.name)
        )
"""
RENAME_TAGS: Final = """
    update tags as t
    set name = n.name
    from (
        select p.id, min(e.name collate "C") as name
        from source_artifacts as r
        cross join lateral jsonb_each_text(r.tags) as e (slug, name)
        inner join pg_temp.respelled_tags as p on p.slug = e.slug
        where r.is_current
        group by p.id
    ) as n
    where
        t.id = n.id
        and t.name <> n.name
        and not exists (select from tags as o where o.name = n.name)
"""

COUNT_ARTIFACT_TAGS: Final = "select count(*) from pg_temp.incoming_artifact_tags"

DROP: Final = "drop table pg_temp.respelled_tags"
