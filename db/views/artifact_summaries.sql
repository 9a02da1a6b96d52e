<%namespace name="related" file="/views/related_columns.mako"/>\
-- An artifact with its tags, version and collections, each with its exact count. The rows are
-- those of artifact_summaries_live, at a cost that depends on the page alone.
--
-- The view merges two index scans in the order of ids: the snapshot, and the changes since. Each
-- artifact is shown by its latest row: the snapshot's, or that of its last change, which is read
-- live. If the snapshot cannot be used, a third scan, of all artifacts, replaces both.
--
-- The planner merges the scans as long as
--   * the three children of the UNION ALL are plain relations without WHERE, with the same column
--     types;
--   * it does not estimate the conditions on a row as selective, which an equality would be;
--   * the subqueries that read live end in OFFSET 0, so that a one-time filter skips them for
--     other rows.
-- One InitPlan checks whether the log has any change; if it has none, no row looks for its own
-- change. The InitPlan reads the first key with ORDER BY and LIMIT instead of EXISTS. That makes
-- the planner use the index and not scan a table full of dead rows. The condition on a row is
-- tested after the merge. Before it, one scan would skip a long run of changed rows before the
-- other scan returns its first row.

create or replace view artifact_summaries as
select
    merged.id,
    coalesce(merged.type, live.type) as type,
    coalesce(merged.name, live.name) as name,
    coalesce(merged.title, live.title) as title,
    coalesce(merged.description, live.description) as description,
    coalesce(merged.author, live.author) as author,
    coalesce(merged.license, live.license) as license,
    coalesce(merged.source, live.source) as source,
    coalesce(merged.origin, live.origin) as origin,
    coalesce(merged.metadata, live.metadata) as metadata,
    coalesce(merged.tags, related.tags) as tags,
    coalesce(merged.version, related.version) as version,
    to_jsonb(
        -- Nearly every artifact is in `default`, so one InitPlan reads its count for all of them.
        case
            when
                'default' = any(coalesce(merged.collection_ids, related.collection_ids))
            then array(
                select collection
                from (
                    select s.id, s.name, s.artifact_count
                    from collection_summaries as s
                    where s.id = 'default'
                ) as collection
            )
        end
        || array(
            select collection
            from (
                select c.id, c.name, c.artifact_count
                from (
                    select unnest(array_remove(
                        coalesce(merged.collection_ids, related.collection_ids), 'default'
                    )) as id
                ) as member
                cross join lateral (
                    select s.id, s.name, s.artifact_count
                    from collection_summaries as s
                    where s.id = member.id
                    offset 0
                ) as c
                order by c.name
            ) as collection
        )
    ) as collections,
    coalesce(merged.added_at, live.added_at) as added_at,
    coalesce(merged.updated_at, live.updated_at) as updated_at
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
) as merged
left join lateral (
    select c.seq
    from artifact_changes as c
    where
        c.artifact_id = merged.id
        and not merged.is_live
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
    where a.id = merged.id and merged.seq > 0 and not merged.is_live
    offset 0
) as live on true
left join lateral (
    select
        ${capture(related.columns, 'merged.id').replace('\n', '\n    ')}
    where merged.seq > 0
    offset 0
) as related on true
where
    merged.is_live = (
        select b.everything_changed or b.has_too_many_changes or b.is_replaced
        from snapshot_bypass as b
    )
    and nullif(merged.is_live or merged.seq = coalesce(latest.seq, 0), false) is not null
    and coalesce(merged.type, live.type) is not null;

comment on view artifact_summaries is
    'An artifact with its tags, version and collections, each with its exact count.';
comment on column artifact_summaries.tags is 'The names of its tags, in code point order.';
comment on column artifact_summaries.version is 'The version that was added last.';
comment on column artifact_summaries.collections is
    'Its collections as [{"id", "name", "artifact_count"}]: `default` first, then by name.';
