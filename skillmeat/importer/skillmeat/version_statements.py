"""The idempotent statements for the versions of artifacts, in the order in which they run."""

from typing import Final

ADD_VERSIONS: Final = """
    insert into artifact_versions (artifact_id, content_hash, change_origin, metadata, created_at)
    select i.artifact_id, i.content_hash, i.change_origin, i.metadata, coalesce(i.created_at, now())
    from pg_temp.skillmeat_versions as i
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
    order by i.ordinal
"""

# A project's deployed content is not a newer version of the artifact. If an import added the latest
# version, the import adds that version again, and it stays the latest.
FIND_RESTORED_VERSIONS: Final = """
    create temporary table restored_versions
    on commit drop
    as
    select l.artifact_id, l.content_hash, l.version, l.change_origin, l.metadata, i.created_at
    from (
        select d.artifact_id, max(coalesce(d.created_at, now())) as created_at
        from pg_temp.skillmeat_versions as d
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

# A deployed content gets the version of the artifact's latest row.
ADD_DEPLOYED_VERSIONS: Final = """
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
        from pg_temp.skillmeat_versions as d
        where d.is_deployed
        order by d.artifact_id, d.content_hash, d.created_at, d.ordinal
    ) as i
    where
        not exists (
            select
            from artifact_versions as v
            where v.artifact_id = i.artifact_id and v.content_hash = i.content_hash
        )
    order by i.created_at, i.ordinal
"""

RESTORE_VERSIONS: Final = """
    insert into artifact_versions (
        artifact_id, content_hash, version, change_origin, metadata, created_at
    )
    select k.artifact_id, k.content_hash, k.version, k.change_origin, k.metadata, k.created_at
    from pg_temp.restored_versions as k
    order by k.artifact_id
"""

# The declared version of an artifact becomes its latest, unless the catalogue has a newer row.
ADD_DECLARED_VERSIONS: Final = """
    insert into artifact_versions (
        artifact_id, content_hash, version, change_origin, metadata, created_at
    )
    select
        i.id,
        case when i.has_generated_hash and l.version is null
            then coalesce(l.content_hash, i.content_hash)
        else i.content_hash end,
        coalesce(i.version, l.version),
        'import',
        '{"source": "skillmeat"}',
        case
            when i.updated_at < a.updated_at then coalesce(i.updated_at, i.added_at, now())
            else greatest(coalesce(i.updated_at, i.added_at, now()), l.created_at)
        end
    from pg_temp.skillmeat_artifacts as i
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
                not i.has_generated_hash
                and not exists (
                    select
                    from artifact_versions as v
                    where v.artifact_id = i.id and v.content_hash = i.content_hash
                )
            else
                (i.version is not null and i.version is distinct from l.version)
                or (not i.has_generated_hash and i.content_hash <> l.content_hash)
        end
    order by i.id
"""

# Count all versions of the source's artifacts, imported now or earlier.
COUNT_VERSIONS: Final = """
    select count(*)
    from artifact_versions as v
    inner join pg_temp.skillmeat_artifacts as i on i.id = v.artifact_id
"""

DROP: Final = "drop table pg_temp.restored_versions"
