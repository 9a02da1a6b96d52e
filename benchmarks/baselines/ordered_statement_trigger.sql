-- The better textbook solution: a statement locks the collections that it changes in the order of
-- their ids, so two statements cannot deadlock. It updates each collection once.

create function count_memberships()
    returns trigger
    language plpgsql
    set search_path from current
as $$
begin
    case tg_op
        when 'INSERT' then
            perform from collections as c
            where c.id in (select n.collection_id from new_rows as n)
            order by c.id
            for no key update;

            update collections as c set artifact_count = c.artifact_count + d.delta
            from (
                select n.collection_id, count(*) as delta from new_rows as n group by 1
            ) as d
            where c.id = d.collection_id;
        when 'DELETE' then
            perform from collections as c
            where c.id in (select o.collection_id from old_rows as o)
            order by c.id
            for no key update;

            update collections as c set artifact_count = c.artifact_count - d.delta
            from (
                select o.collection_id, count(*) as delta from old_rows as o group by 1
            ) as d
            where c.id = d.collection_id;
        when 'UPDATE' then
            perform from collections as c
            where c.id in (
                select n.collection_id from new_rows as n
                union all
                select o.collection_id from old_rows as o
            )
            order by c.id
            for no key update;

            update collections as c set artifact_count = c.artifact_count + d.delta
            from (
                select m.collection_id, sum(m.delta) as delta
                from (
                    select n.collection_id, 1 as delta from new_rows as n
                    union all
                    select o.collection_id, -1 from old_rows as o
                ) as m
                group by 1
            ) as d
            where c.id = d.collection_id and d.delta <> 0;
    end case;
    return null;
end;
$$;

create trigger count_memberships_on_insert
    after insert on collection_artifacts
    referencing new table as new_rows
    for each statement execute function count_memberships();

create trigger count_memberships_on_delete
    after delete on collection_artifacts
    referencing old table as old_rows
    for each statement execute function count_memberships();

create trigger count_memberships_on_update
    after update on collection_artifacts
    referencing old table as old_rows new table as new_rows
    for each statement execute function count_memberships();
