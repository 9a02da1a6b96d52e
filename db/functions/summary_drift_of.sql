-- Returns the rows of summary_drift for the given artifacts, at a cost that depends on these
-- artifacts alone. Counts are read from collection_summaries; count_drift compares them with
-- COUNT(*).

create or replace function summary_drift_of(ids text[])
    returns setof summary_drift
    language sql
    stable
    security definer
    set search_path from current
    set row_security = off
    -- The planner expects a long query, and the caller's session may compile it for seconds.
    set jit = off
as $$
    with shown as materialized (
        select s.* from artifact_summaries as s where s.id = any (ids)
    ),

    actual as materialized (
        select
            d.id,
            d.type,
            d.name,
            d.title,
            d.description,
            d.author,
            d.license,
            d.source,
            d.origin,
            d.metadata,
            d.tags,
            d.version,
            coalesce((
                select jsonb_agg(
                    jsonb_build_object(
                        'id', c.id, 'name', c.name, 'artifact_count', c.artifact_count
                    )
                    order by c.id <> 'default', c.name
                )
                from collection_summaries as c
                where c.id = any (d.collection_ids)
            ), '[]') as collections,
            d.added_at,
            d.updated_at
        from artifact_details as d
        where d.id = any (ids)
    )

    select 'shown', e.* from (table shown except all table actual) as e
    union all
    select 'true', e.* from (table actual except all table shown) as e;
$$;

revoke execute on function summary_drift_of(text[]) from public;

comment on function summary_drift_of(text[]) is
    'Returns the rows of summary_drift for the given artifacts, and reads these alone.';
