-- Recounts collections.group_count while writers go on.
--
-- The function locks the parent's row first, so no other transaction settles the count. One later
-- statement then reads the rows and the pending changes in the same snapshot. A change that
-- commits after that stays pending.

create or replace function recount_collections_group_count(parents text[])
    returns setof count_drift
    language plpgsql
    security definer
    set search_path from current
as $$
declare
    parent_id text;
    repaired count_drift;
begin
    -- In key order, as in every statement that locks several parents.
    for parent_id in select unnest(parents) order by 1 loop
        perform from collections as p where p.id = parent_id for no key update;

        with truth as (
            select count(*) as actual from groups as c where c.collection_id = parent_id
        ),

        pending as (
            delete from count_changes as c
            using collections as p
            where p.id = parent_id and c.count_key = p.group_count_key
            returning c.delta
        ),

        recounted as (
            update collections as p
            set group_count = t.actual
            from truth as t
            where p.id = parent_id and p.group_count <> t.actual
        )

        select
            'collections.group_count',
            p.id,
            p.group_count + (select coalesce(sum(d.delta), 0) from pending as d),
            t.actual
        into repaired
        from collections as p
        cross join truth as t
        where p.id = parent_id;

        if repaired.counted <> repaired.actual then
            return next repaired;
        end if;
    end loop;
end;
$$;

revoke execute on function recount_collections_group_count(text[]) from public;

comment on function recount_collections_group_count(text[]) is
    'Sets collections.group_count to COUNT(*) and returns every count that was wrong.';
