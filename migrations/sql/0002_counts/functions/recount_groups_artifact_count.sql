-- Recounts groups.artifact_count under concurrent writers, lock first:
-- with the row held nobody settles, and one later statement sees rows and pending changes in the
-- same snapshot. What is committed after it brings its own change.

create function recount_groups_artifact_count(parents text[])
    returns setof count_drift
    language plpgsql
    security definer
    set search_path from current
as $$
declare
    held text;
    mended count_drift;
begin
    -- In key order, as every statement that locks several parents.
    for held in select unnest(parents) order by 1 loop
        perform from groups as p where p.id = held for no key update;

        with truth as (
            select count(*) as actual from group_artifacts as c where c.group_id = held
        ),

        forgotten as (
            delete from count_changes as c
            using groups as p
            where p.id = held and c.count_key = p.artifact_count_key
            returning c.delta
        ),

        recounted as (
            update groups as p
            set artifact_count = t.actual
            from truth as t
            where p.id = held and p.artifact_count <> t.actual
        )

        select
            'groups.artifact_count',
            p.id,
            p.artifact_count + (select coalesce(sum(f.delta), 0) from forgotten as f),
            t.actual
        into mended
        from groups as p
        cross join truth as t
        where p.id = held;

        if mended.counted <> mended.actual then
            return next mended;
        end if;
    end loop;
end;
$$;

revoke execute on function recount_groups_artifact_count(text[]) from public;

comment on function recount_groups_artifact_count(text[]) is
    'Sets groups.artifact_count to what COUNT(*) says and returns what was wrong.';
