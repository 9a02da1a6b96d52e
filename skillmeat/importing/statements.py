"""The statements that put what is staged in place, each idempotent, in the order they run.

Each inserts in key order, so that two imports at once cannot wait for each other in a circle.
"""

from typing import Final

# ruff: noqa: S608 - what is put together here are constants of this file

# A content is new where the artifact never had it; the latest also where another one is latest now,
# or would be once a new one that is not the latest has been added.
_IS_NEW: Final = """
    not exists (
        select
        from artifact_versions as v
        where v.artifact_id = i.artifact_id and v.content_hash = i.content_hash
    )
    or i.is_latest and (
        i.content_hash is distinct from (
            select v.content_hash
            from artifact_versions as v
            where v.artifact_id = i.artifact_id
            order by v.created_at desc, v.id desc
            limit 1
        )
        or exists (
            select
            from pg_temp.incoming_versions as o
            where
                o.artifact_id = i.artifact_id
                and not exists (
                    select
                    from artifact_versions as v
                    where v.artifact_id = o.artifact_id and v.content_hash = o.content_hash
                )
        )
    )
"""

ARTIFACTS_CHANGED: Final = f"""
    select
        count(*) as found,
        count(*) filter (where a.id is null) as added,
        count(*) filter (
            where
                a.id is not null
                and (
                    (a.title, a.description, a.author, a.license, a.source, a.origin, a.metadata)
                    is distinct from
                    (i.title, i.description, i.author, i.license, i.source, i.origin, i.metadata)
                    or v.artifact_id is not null
                )
        ) as updated
    from pg_temp.incoming_artifacts as i
    left join artifacts as a on a.id = i.type || ':' || i.name
    left join (
        select distinct i.artifact_id from pg_temp.incoming_versions as i where {_IS_NEW}
    ) as v on v.artifact_id = a.id
"""

ADD_VERSIONS: Final = f"""
    insert into artifact_versions (artifact_id, content_hash, version, change_origin, metadata)
    select i.artifact_id, i.content_hash, i.version, 'import', i.metadata
    from pg_temp.incoming_versions as i
    where {_IS_NEW}
    order by i.place
"""

ADD_TAGS: Final = """
    insert into tags (slug, name)
    select distinct on (i.slug) i.slug, i.name
    from pg_temp.incoming_tags as i
    where not exists (select from tags as t where t.slug = i.slug or t.name = i.name)
    order by i.slug, i.name
    on conflict do nothing
"""

ADD_ARTIFACT_TAGS: Final = """
    insert into artifact_tags (artifact_id, tag_id)
    select i.artifact_id, t.id
    from pg_temp.incoming_tags as i
    cross join lateral (
        select t.id
        from tags as t
        where t.slug = i.slug or t.name = i.name
        order by t.slug = i.slug desc
        limit 1
    ) as t
    order by i.artifact_id, t.id
    on conflict do nothing
"""

ADD_COLLECTIONS: Final = """
    insert into collections (id, name, description, source)
    select i.id, i.name, i.description, i.source
    from pg_temp.incoming_collections as i
    where not exists (select from collections as c where c.id = i.id or c.name = i.name)
    order by i.id
    on conflict do nothing
"""

# Those that somebody made by hand keep what they say.
UPDATE_COLLECTIONS: Final = """
    update collections as c
    set description = i.description
    from pg_temp.incoming_collections as i
    where
        c.id = i.id
        and c.source = i.source
        and c.description is distinct from i.description
"""

# A collection of the same name takes the artifacts where none of the same id is.
ADD_MEMBERSHIPS: Final = """
    insert into collection_artifacts (collection_id, artifact_id)
    select c.id, m.artifact_id
    from pg_temp.incoming_memberships as m
    inner join pg_temp.incoming_collections as i on i.id = m.collection_id
    cross join lateral (
        select c.id
        from collections as c
        where c.id = i.id or c.name = i.name
        order by c.id = i.id desc
        limit 1
    ) as c
    order by c.id, m.artifact_id
    on conflict do nothing
"""

# What nobody imported stays, and so does what could not be read today.
REMOVE_MEMBERSHIPS: Final = """
    delete from collection_artifacts as m
    using collections as c, artifacts as a
    where
        c.id = m.collection_id
        and c.source = any (%(sources)s)
        and c.id <> all (%(unseen)s)
        and a.id = m.artifact_id
        and a.source is not null
        and a.id <> all (%(unread)s)
        and not exists (
            select
            from pg_temp.incoming_memberships as i
            where i.collection_id = m.collection_id and i.artifact_id = m.artifact_id
        )
"""

REMOVE_COLLECTIONS: Final = """
    delete from collections as c
    where
        c.source = any (%(sources)s)
        and c.id <> all (%(unseen)s)
        and not exists (select from pg_temp.incoming_collections as i where i.id = c.id)
"""

# An artifact that is still in a collection other than `default` is somebody's.
REMOVE_ARTIFACTS: Final = """
    delete from artifacts as a
    using unnest(%(sources)s::text[]) as s (name)
    where
        starts_with(a.source, s.name || '/')
        and a.id <> all (%(unread)s)
        and not exists (
            select from pg_temp.incoming_artifacts as i where i.type || ':' || i.name = a.id
        )
        and not exists (
            select
            from collection_artifacts as m
            where m.artifact_id = a.id and m.collection_id <> 'default'
        )
"""
