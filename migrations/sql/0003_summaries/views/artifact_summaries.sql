-- An artifact with its tags, version and collections, each with its exact count: what
-- artifact_summaries_live says, at a cost that depends on the page alone.
--
-- Two index scans are merged in the order of ids: the snapshot, and what has changed since. Of an
-- artifact the latest row is shown, be it the snapshot's or its last change, which is read live.
-- Where the snapshot is of no use a third scan, of all artifacts, takes the place of both.
--
-- The planner merges them as long as
--   * the three are plain relations with the same types, column by column, and no WHERE;
--   * what is asked of a row here is not taken to be selective, as an equality would be;
--   * what is read live is behind an OFFSET 0, so that its one-time filter spares all other rows.
-- Where nothing at all has changed one InitPlan finds that out, and no row looks for its change; it
-- asks for the first, not for any, so that the planner asks the index and not a log full of holes.
-- A row is tested after the merge, not before: so a long run of changed neighbours is not skipped
-- over in one scan before the other may deliver its first.

create or replace view artifact_summaries as
select
    u.id,
    coalesce(u.type, live.type) as type,
    coalesce(u.name, live.name) as name,
    coalesce(u.title, live.title) as title,
    coalesce(u.description, live.description) as description,
    coalesce(u.author, live.author) as author,
    coalesce(u.license, live.license) as license,
    coalesce(u.source, live.source) as source,
    coalesce(u.origin, live.origin) as origin,
    coalesce(u.metadata, live.metadata) as metadata,
    coalesce(u.tags, parts.tags) as tags,
    coalesce(u.version, parts.version) as version,
    to_jsonb(
        -- Nearly every artifact is in `default`, so its count is read once, for all of them.
        case
            when 'default' = any(coalesce(u.collection_ids, parts.collection_ids)) then array(
                select counted
                from (
                    select s.id, s.name, s.artifact_count
                    from collection_summaries as s
                    where s.id = 'default'
                ) as counted
            )
        end
        || array(
            select counted
            from (
                select c.id, c.name, c.artifact_count
                from (
                    select unnest(
                        array_remove(coalesce(u.collection_ids, parts.collection_ids), 'default')
                    ) as id
                ) as member
                cross join lateral (
                    select s.id, s.name, s.artifact_count
                    from collection_summaries as s
                    where s.id = member.id
                    offset 0
                ) as c
                order by c.name
            ) as counted
        )
    ) as collections,
    coalesce(u.added_at, live.added_at) as added_at,
    coalesce(u.updated_at, live.updated_at) as updated_at
from (
    select
        s.*,
        0::bigint as seq,
        false as is_live
    from artifact_summaries_snapshot as s
    union all
    select
        c.artifact_id as id,
        null as type,
        null as name,
        null as title,
        null as description,
        null as author,
        null as license,
        null as source,
        null as origin,
        null as metadata,
        null as tags,
        null as version,
        null as collection_ids,
        null as added_at,
        null as updated_at,
        c.seq,
        false as is_live
    from artifact_changes as c
    union all
    select
        a.id,
        a.type,
        a.name::text,
        a.title,
        a.description,
        a.author,
        a.license,
        a.source,
        a.origin,
        a.metadata,
        null as tags,
        null as version,
        null as collection_ids,
        a.added_at,
        a.updated_at,
        1::bigint as seq,
        true as is_live
    from artifacts as a
) as u
left join lateral (
    select c.seq
    from artifact_changes as c
    where
        c.artifact_id = u.id
        and not u.is_live
        and (
            select k.artifact_id
            from artifact_changes as k
            where k.artifact_id > ''
            order by k.artifact_id
            limit 1
        ) is not null
    order by c.seq desc
    limit 1
) as latest on true
left join lateral (
    select a.*
    from artifacts as a
    where a.id = u.id and u.seq > 0 and not u.is_live
    offset 0
) as live on true
left join lateral (
    select
        array(
            -- By key, one after the other: a join would scan all tags for every artifact.
            select (select t.name::text from tags as t where t.id = x.tag_id) as name
            from artifact_tags as x
            where x.artifact_id = u.id
            order by name
        ) as tags,
        (
            select v.version
            from artifact_versions as v
            where v.artifact_id = u.id
            order by v.created_at desc, v.id desc
            limit 1
        ) as version,
        array(
            select m.collection_id
            from collection_artifacts as m
            where m.artifact_id = u.id
            order by m.collection_id
        ) as collection_ids
    where u.seq > 0
    offset 0
) as parts on true
where
    u.is_live = (select b.is_outdated or b.is_crowded or b.is_replaced from snapshot_bypass as b)
    and nullif(u.is_live or u.seq = coalesce(latest.seq, 0), false) is not null
    and coalesce(u.type, live.type) is not null;

comment on view artifact_summaries is
    'An artifact with its tags, version and collections, each with its exact count.';
comment on column artifact_summaries.tags is 'The names of its tags, in code point order.';
comment on column artifact_summaries.version is 'The version that was added last.';
comment on column artifact_summaries.collections is
    'Its collections as [{"id", "name", "artifact_count"}]: `default` first, then by name.';
