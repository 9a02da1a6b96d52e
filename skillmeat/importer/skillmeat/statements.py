"""What puts artifacts, versions, members and places where they belong, each idempotent."""

from typing import Final

STAGE: Final = """
    create temporary table adopted_artifacts (
        id text collate "C" primary key,
        type text collate "C",
        name text collate "C",
        title text,
        description text,
        author text,
        license text,
        source text,
        origin text,
        metadata jsonb,
        added_at timestamptz,
        updated_at timestamptz,
        version text,
        content_hash text,
        hash_is_made boolean
    )
    on commit drop;

    create temporary table adopted_versions (
        place bigint generated always as identity,
        artifact_id text collate "C",
        content_hash text,
        change_origin text,
        created_at timestamptz,
        metadata jsonb,
        is_deployed boolean
    )
    on commit drop;

    create temporary table adopted_taggings (
        artifact_id text collate "C",
        tag_id text collate "C",
        created_at timestamptz
    )
    on commit drop;

    create temporary table adopted_memberships (
        collection_id text collate "C",
        artifact_id text collate "C",
        added_at timestamptz,
        is_guessed boolean
    )
    on commit drop;

    create temporary table adopted_placements (
        group_id text collate "C",
        artifact_id text collate "C",
        position integer,
        added_at timestamptz
    )
    on commit drop
"""

ANALYZE: Final = """
    analyze pg_temp.adopted_artifacts, pg_temp.adopted_versions, pg_temp.adopted_taggings,
        pg_temp.adopted_memberships, pg_temp.adopted_placements, pg_temp.adopted_collections,
        pg_temp.adopted_groups, pg_temp.adopted_tags, pg_temp.adopted_project_templates
"""

DROP: Final = """
    drop table pg_temp.adopted_artifacts, pg_temp.adopted_versions, pg_temp.adopted_taggings,
        pg_temp.adopted_memberships, pg_temp.adopted_placements, pg_temp.adopted_collections,
        pg_temp.adopted_groups, pg_temp.adopted_tags, pg_temp.adopted_project_templates,
        pg_temp.wanted_artifacts, pg_temp.kept_versions
"""

ADD_TYPES: Final = """
    insert into artifact_types (type)
    select distinct i.type
    from pg_temp.adopted_artifacts as i
    where not exists (select from artifact_types as t where t.type = i.type)
    order by i.type
    on conflict do nothing
    returning type
"""

# What artifacts are to be, where that is not what they are. The newer one of two is believed, the
# other one where that says nothing; an artifact is as old as the older one says.
WANTED_ARTIFACTS: Final = """
    create temporary table wanted_artifacts
    on commit drop
    as
    select w.*
    from pg_temp.adopted_artifacts as i
    inner join artifacts as a on a.id = i.id
    cross join lateral (select coalesce(i.updated_at >= a.updated_at, false) as is_newer) as t
    cross join lateral (
        select
            a.id,
            case when t.is_newer then coalesce(i.title, a.title)
            else coalesce(a.title, i.title) end as title,
            case when t.is_newer then coalesce(i.description, a.description)
            else coalesce(a.description, i.description) end as description,
            case when t.is_newer then coalesce(i.author, a.author)
            else coalesce(a.author, i.author) end as author,
            case when t.is_newer then coalesce(i.license, a.license)
            else coalesce(a.license, i.license) end as license,
            case when t.is_newer then coalesce(i.source, a.source)
            else coalesce(a.source, i.source) end as source,
            case when t.is_newer then coalesce(i.origin, a.origin)
            else coalesce(a.origin, i.origin) end as origin,
            case when t.is_newer then a.metadata || i.metadata
            else i.metadata || a.metadata end as metadata,
            least(a.added_at, i.added_at) as added_at,
            case when t.is_newer then i.updated_at else a.updated_at end as updated_at
    ) as w
    where
        (
            a.title, a.description, a.author, a.license, a.source, a.origin, a.metadata,
            a.added_at, a.updated_at
        ) is distinct from (
            w.title, w.description, w.author, w.license, w.source, w.origin, w.metadata,
            w.added_at, w.updated_at
        )
"""

ADD_ARTIFACTS: Final = """
    insert into artifacts (
        type, name, title, description, author, license, source, origin, metadata, added_at,
        updated_at
    )
    select
        i.type, i.name, i.title, i.description, i.author, i.license, i.source, i.origin,
        i.metadata, coalesce(i.added_at, now()), coalesce(i.updated_at, i.added_at, now())
    from pg_temp.adopted_artifacts as i
    where not exists (select from artifacts as a where a.id = i.id)
    order by i.id
"""

UPDATE_ARTIFACTS: Final = """
    update artifacts as a
    set
        title = w.title,
        description = w.description,
        author = w.author,
        license = w.license,
        source = w.source,
        origin = w.origin,
        metadata = w.metadata,
        added_at = w.added_at,
        updated_at = w.updated_at
    from pg_temp.wanted_artifacts as w
    where a.id = w.id
"""

# A trigger takes an edit that leaves the time alone for one of this moment.
RESTORE_ARTIFACT_TIMES: Final = """
    update artifacts as a
    set updated_at = w.updated_at
    from pg_temp.wanted_artifacts as w
    where a.id = w.id and a.updated_at <> w.updated_at
"""

ADD_VERSIONS: Final = """
    insert into artifact_versions (artifact_id, content_hash, change_origin, metadata, created_at)
    select i.artifact_id, i.content_hash, i.change_origin, i.metadata, coalesce(i.created_at, now())
    from pg_temp.adopted_versions as i
    where
        not i.is_deployed
        and not exists (
            select
            from artifact_versions as v
            where
                v.artifact_id = i.artifact_id
                and v.content_hash = i.content_hash
                and v.created_at = coalesce(i.created_at, v.created_at)
        )
    order by i.place
"""

# What a project has deployed is no news of the artifact itself: what an import has made its latest
# version stays so.
KEPT_VERSIONS: Final = """
    create temporary table kept_versions
    on commit drop
    as
    select l.artifact_id, l.content_hash, l.version, l.change_origin, l.metadata, i.created_at
    from (
        select d.artifact_id, max(coalesce(d.created_at, now())) as created_at
        from pg_temp.adopted_versions as d
        where
            d.is_deployed
            and not exists (
                select
                from artifact_versions as v
                where v.artifact_id = d.artifact_id and v.content_hash = d.content_hash
            )
        group by d.artifact_id
    ) as i
    cross join lateral (
        select v.*
        from artifact_versions as v
        where v.artifact_id = i.artifact_id
        order by v.created_at desc, v.id desc
        limit 1
    ) as l
    where l.change_origin = 'import' and l.created_at <= i.created_at
"""

# It is the version that the artifact had, as far as anybody knows.
ADD_DEPLOYED: Final = """
    insert into artifact_versions (
        artifact_id, content_hash, version, change_origin, metadata, created_at
    )
    select
        i.artifact_id,
        i.content_hash,
        (
            select v.version
            from artifact_versions as v
            where v.artifact_id = i.artifact_id
            order by v.created_at desc, v.id desc
            limit 1
        ),
        i.change_origin,
        i.metadata,
        coalesce(i.created_at, now())
    from (
        select distinct on (d.artifact_id, d.content_hash) d.*
        from pg_temp.adopted_versions as d
        where d.is_deployed
        order by d.artifact_id, d.content_hash, d.created_at, d.place
    ) as i
    where
        not exists (
            select
            from artifact_versions as v
            where v.artifact_id = i.artifact_id and v.content_hash = i.content_hash
        )
    order by i.created_at, i.place
"""

KEEP_LATEST: Final = """
    insert into artifact_versions (
        artifact_id, content_hash, version, change_origin, metadata, created_at
    )
    select k.artifact_id, k.content_hash, k.version, k.change_origin, k.metadata, k.created_at
    from pg_temp.kept_versions as k
    order by k.artifact_id
"""

# The version that an artifact says it has is its latest one, unless it is newer here.
ADD_LATEST: Final = """
    insert into artifact_versions (
        artifact_id, content_hash, version, change_origin, metadata, created_at
    )
    select
        i.id,
        case when i.hash_is_made and l.version is null then coalesce(l.content_hash, i.content_hash)
        else i.content_hash end,
        coalesce(i.version, l.version),
        'import',
        '{"source": "skillmeat"}',
        case
            when i.updated_at < a.updated_at then coalesce(i.updated_at, i.added_at, now())
            else greatest(coalesce(i.updated_at, i.added_at, now()), l.created_at)
        end
    from pg_temp.adopted_artifacts as i
    inner join artifacts as a on a.id = i.id
    left join lateral (
        select v.artifact_id, v.content_hash, v.version, v.created_at
        from artifact_versions as v
        where v.artifact_id = i.id
        order by v.created_at desc, v.id desc
        limit 1
    ) as l on true
    where
        i.content_hash is not null
        and case
            when l.artifact_id is null then true
            when i.updated_at is null or i.updated_at < a.updated_at then
                not i.hash_is_made
                and not exists (
                    select
                    from artifact_versions as v
                    where v.artifact_id = i.id and v.content_hash = i.content_hash
                )
            else
                (i.version is not null and i.version is distinct from l.version)
                or (not i.hash_is_made and i.content_hash <> l.content_hash)
        end
    order by i.id
"""

ADD_TAGGINGS: Final = """
    insert into artifact_tags (artifact_id, tag_id, created_at)
    select i.artifact_id, i.tag_id, min(coalesce(i.created_at, now()))
    from pg_temp.adopted_taggings as i
    where
        not exists (
            select
            from artifact_tags as x
            where x.artifact_id = i.artifact_id and x.tag_id = i.tag_id
        )
    group by i.artifact_id, i.tag_id
    order by i.artifact_id, i.tag_id
    on conflict do nothing
"""

ADD_MEMBERSHIPS: Final = """
    insert into collection_artifacts (collection_id, artifact_id, added_at)
    select i.collection_id, i.artifact_id, min(coalesce(i.added_at, now()))
    from pg_temp.adopted_memberships as i
    where
        not exists (
            select
            from collection_artifacts as m
            where m.collection_id = i.collection_id and m.artifact_id = i.artifact_id
        )
    group by i.collection_id, i.artifact_id
    order by i.collection_id, i.artifact_id
    on conflict do nothing
"""

# A group or a project's record tells of a member, and not since when it is one.
DATE_MEMBERSHIPS: Final = """
    update collection_artifacts as m
    set added_at = i.added_at
    from pg_temp.adopted_memberships as i
    where
        m.collection_id = i.collection_id
        and m.artifact_id = i.artifact_id
        and not i.is_guessed
        and m.added_at <> i.added_at
"""

# A group that moves leaves its places behind, and gets them back in its new collection.
LEAVE_GROUPS: Final = """
    delete from group_artifacts as p
    using pg_temp.adopted_groups as i
    where p.group_id = i.id and p.collection_id <> i.collection_id and i.wins
"""

# Where a group is somewhere else by now, only those of its artifacts that are members there.
ADD_PLACEMENTS: Final = """
    insert into group_artifacts (collection_id, group_id, artifact_id, position, added_at)
    select g.collection_id, g.id, i.artifact_id, i.position, coalesce(i.added_at, now())
    from pg_temp.adopted_placements as i
    inner join groups as g on g.id = i.group_id
    inner join collection_artifacts as m
        on m.collection_id = g.collection_id and m.artifact_id = i.artifact_id
    where
        not exists (
            select
            from group_artifacts as p
            where p.group_id = i.group_id and p.artifact_id = i.artifact_id
        )
    order by g.id, i.artifact_id
"""

UPDATE_PLACEMENTS: Final = """
    update group_artifacts as p
    set position = i.position, added_at = coalesce(i.added_at, p.added_at)
    from pg_temp.adopted_placements as i
    where
        p.group_id = i.group_id
        and p.artifact_id = i.artifact_id
        and (p.position, p.added_at)
        is distinct from (i.position, coalesce(i.added_at, p.added_at))
"""

# Those that the source's artifacts have by now, of which it may know more than one.
COUNT_VERSIONS: Final = """
    select count(*)
    from artifact_versions as v
    inner join pg_temp.adopted_artifacts as i on i.id = v.artifact_id
"""

COUNT_COLLECTIONS: Final = """
    select c.id, c.name, c.artifact_count
    from collection_summaries as c
    where c.id = any (%(ids)s)
"""

COUNT_GROUPS: Final = """
    select g.id, g.name, g.artifact_count
    from group_summaries as g
    where g.id = any (%(ids)s)
"""
