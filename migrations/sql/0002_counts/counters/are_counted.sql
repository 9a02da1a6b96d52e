-- Counts the rows of ${child} in ${parent}.${count}.
--
-- The trigger sums a statement's rows for each parent and appends one delta for each to
-- count_changes. An INSERT waits for no other transaction, so no writer waits because of a count.

create or replace function ${child}_are_counted()
    returns trigger
    language plpgsql
    security definer
    set search_path from current
as $$
declare
    parent_ids text[];
    deltas bigint[];
    appended_key bigint;
    appended bigint;
begin
    if tg_table_schema is distinct from current_schema() then
        raise object_not_in_prerequisite_state using
            message = format('schema %I was renamed, but its functions name the old schema', tg_table_schema),
            hint = 'As its owner run: skillmeat migrate check --fix';
    end if;

    case tg_op
        -- Most statements change one row. To append it costs less than to group rows.
        when 'INSERT' then
            parent_ids := array(select ${child_key} from new_rows limit 2);
            if cardinality(parent_ids) = 1 then
                insert into count_changes (counter, parent, count_key, delta)
                select '${parent}.${count}', p.${parent_key}, p.${count}_key, 1
                from ${parent} as p
                where p.${parent_key} = parent_ids[1]
                for key share
                returning count_key into appended_key;

                if appended_key <> 0 then
                    return null;
                end if;
            elsif cardinality(parent_ids) = 0 then
                return null;
            end if;

            select array_agg(parent_id), array_agg(delta) into parent_ids, deltas
            from (
                select ${child_key}, count(*) from new_rows group by 1
            ) as per_parent (parent_id, delta);
        when 'DELETE' then
            parent_ids := array(select ${child_key} from old_rows limit 2);
            if cardinality(parent_ids) = 1 then
                insert into count_changes (counter, parent, count_key, delta)
                select '${parent}.${count}', p.${parent_key}, p.${count}_key, -1
                from ${parent} as p
                where p.${parent_key} = parent_ids[1]
                returning count_key into appended_key;

                if appended_key <> 0 then
                    return null;
                end if;
            -- A cascade fires the trigger even if it removes no row.
            elsif cardinality(parent_ids) = 0 then
                return null;
            end if;

            select array_agg(parent_id), array_agg(delta) into parent_ids, deltas
            from (
                select ${child_key}, -count(*) from old_rows group by 1
            ) as per_parent (parent_id, delta);
        when 'UPDATE' then
            parent_ids := array(select ${child_key} from old_rows limit 2)
                || array(select ${child_key} from new_rows limit 2);
            if cardinality(parent_ids) = 2 then
                if parent_ids[1] = parent_ids[2] then
                    return null;
                end if;

                insert into count_changes (counter, parent, count_key, delta)
                select '${parent}.${count}', p.${parent_key}, p.${count}_key, -1
                from ${parent} as p
                where p.${parent_key} = parent_ids[1]
                returning count_key into appended_key;

                -- After an ON UPDATE CASCADE there is no old parent, and nothing was appended.
                if appended_key <> 0 then
                    insert into count_changes (counter, parent, count_key, delta)
                    select '${parent}.${count}', p.${parent_key}, p.${count}_key, 1
                    from ${parent} as p
                    where p.${parent_key} = parent_ids[2]
                    for key share
                    returning count_key into appended_key;

                    if appended_key <> 0 then
                        return null;
                    end if;
                end if;
            end if;

            select array_agg(parent_id), array_agg(delta) into parent_ids, deltas
            from (
                select parent_id, sum(delta)
                from (
                    select ${child_key}, 1 from new_rows
                    union all
                    select ${child_key}, -1 from old_rows
                ) as per_row (parent_id, delta)
                group by parent_id
                having sum(delta) <> 0
            ) as per_parent (parent_id, delta);
        when 'TRUNCATE' then
            perform refuse_stale_truncate();
            select array_agg(parent_id), array_agg(-exact_count) into parent_ids, deltas
            from (
                select p.${parent_key}, p.${count} + coalesce(sum(c.delta), 0)
                from ${parent} as p
                left join count_changes as c on c.count_key = p.${count}_key
                group by p.${parent_key}
            ) as per_parent (parent_id, exact_count)
            where exact_count <> 0;
    end case;

    if parent_ids is null then
        return null;
    end if;

    -- Row-level security would hide parents, and a hidden parent looks like a deleted one.
    if row_security_active('${parent}') then
        raise insufficient_privilege using
            message = 'row-level security of ${parent} applies to the triggers that count',
            hint = 'Run ALTER TABLE ${parent} NO FORCE ROW LEVEL SECURITY.';
    end if;

    -- FOR KEY SHARE is the lock of the foreign key, whose own check may be deferred.
    insert into count_changes (counter, parent, count_key, delta, settles_batch)
    select
        '${parent}.${count}', p.${parent_key}, p.${count}_key, u.delta,
        case when cardinality(parent_ids) > 100 then false end
    from unnest(parent_ids, deltas) as u (parent_id, delta)
    inner join ${parent} as p on p.${parent_key} = u.parent_id
    where u.delta > 0
    for key share of p;

    get diagnostics appended = row_count;
    if appended < (select count(*) from unnest(deltas) as u (delta) where u.delta > 0) then
        raise foreign_key_violation using
            message = format('there is no %L in ${parent}', (
                select u.parent_id
                from unnest(parent_ids, deltas) as u (parent_id, delta)
                where
                    u.delta > 0
                    and not exists (
                        select from ${parent} as p where p.${parent_key} = u.parent_id
                    )
                limit 1
            )),
            hint = 'Insert it before the rows of ${child} that belong to it.';
    end if;

    -- If a cascade has deleted a parent, nothing is appended: its count is gone.
    insert into count_changes (counter, parent, count_key, delta, settles_batch)
    select
        '${parent}.${count}', p.${parent_key}, p.${count}_key, u.delta,
        case when cardinality(parent_ids) > 100 then false end
    from unnest(parent_ids, deltas) as u (parent_id, delta)
    inner join ${parent} as p on p.${parent_key} = u.parent_id
    where u.delta < 0;

    -- Many counts are settled together: the commit settles the batch when it comes to this change.
    if cardinality(parent_ids) > 100 then
        insert into count_changes (counter, parent, count_key, delta, settles_batch)
        select c.counter, c.parent, c.count_key, 0, true
        from count_changes as c
        where c.counter = '${parent}.${count}' and not c.settles_batch
        limit 1;
    end if;

    -- A snapshot that is older than the migration to counts shows the key 0.
    if exists (select from count_changes as c where c.count_key = 0) then
        raise serialization_failure using
            message = 'this transaction''s snapshot is older than the counts',
            hint = 'Run the transaction again.';
    end if;

    return null;
end;
$$;

revoke execute on function ${child}_are_counted() from public;

comment on function ${child}_are_counted() is
    'Appends the changes that a statement makes to ${parent}.${count} to count_changes.';

create or replace trigger ${child}_are_counted_on_insert
    after insert on ${child}
    referencing new table as new_rows
    for each statement execute function ${child}_are_counted();

create or replace trigger ${child}_are_counted_on_delete
    after delete on ${child}
    referencing old table as old_rows
    for each statement execute function ${child}_are_counted();

create or replace trigger ${child}_are_counted_on_update
    after update on ${child}
    referencing old table as old_rows new table as new_rows
    for each statement execute function ${child}_are_counted();

create or replace trigger ${child}_are_counted_on_truncate
    after truncate on ${child}
    for each statement execute function ${child}_are_counted();

comment on trigger ${child}_are_counted_on_insert on ${child} is
    'Adds inserted rows to ${parent}.${count}.';
comment on trigger ${child}_are_counted_on_delete on ${child} is
    'Subtracts deleted rows from ${parent}.${count}.';
comment on trigger ${child}_are_counted_on_update on ${child} is
    'Moves rows between counts when their ${child_key} changes.';
comment on trigger ${child}_are_counted_on_truncate on ${child} is
    'Sets every ${parent}.${count} to zero.';
