-- Recounts ${parent}.${count} under concurrent writers, lock first:
-- with the row held nobody settles, and one later statement sees rows and pending changes in the
-- same snapshot. What is committed after it brings its own change.

create function recount_${parent}_${count}(parents text[])
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
        perform from ${parent} as p where p.${parent_key} = held for no key update;

        with truth as (
            select count(*) as actual from ${child} as c where c.${child_key} = held
        ),

        forgotten as (
            delete from count_changes as c
            using ${parent} as p
            where p.${parent_key} = held and c.count_key = p.${count}_key
            returning c.delta
        ),

        recounted as (
            update ${parent} as p
            set ${count} = t.actual
            from truth as t
            where p.${parent_key} = held and p.${count} <> t.actual
        )

        select
            '${parent}.${count}',
            p.${parent_key},
            p.${count} + (select coalesce(sum(f.delta), 0) from forgotten as f),
            t.actual
        into mended
        from ${parent} as p
        cross join truth as t
        where p.${parent_key} = held;

        if mended.counted <> mended.actual then
            return next mended;
        end if;
    end loop;
end;
$$;

revoke execute on function recount_${parent}_${count}(text[]) from public;

comment on function recount_${parent}_${count}(text[]) is
    'Sets ${parent}.${count} to what COUNT(*) says and returns what was wrong.';
