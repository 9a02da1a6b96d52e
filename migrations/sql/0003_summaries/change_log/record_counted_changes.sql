-- Counts the rows of ${child} in ${parent}.${count}, and logs the artifacts whose summaries change.
--
-- The trigger sums a statement's rows for each parent and appends one delta for each to
-- count_changes. It appends the ids of the artifacts to artifact_changes. An INSERT waits for no
-- other transaction, so no writer waits because of a count or a summary.

create or replace function ${child}_record_changes()
    returns trigger
    language plpgsql
    security definer
    set search_path from current
as $$
declare
    has_more boolean;
    new_parent text;
    old_parent text;
    parent_ids text[];
    deltas bigint[];
    appended bigint;
    changed_id text;
    old_id text;
    changed_ids text[];
    old_ids text[];
begin
    if tg_table_schema is distinct from current_schema() then
        raise object_not_in_prerequisite_state using
            message = format('schema %I was renamed, but its functions name the old schema', tg_table_schema),
            hint = 'As its owner run: skillmeat migrate check --fix';
    end if;

    case tg_op
        when 'INSERT' then
            -- Most statements change one row. To append it costs less than to group rows.
            select r.${child_key}, r.${artifact_key}, exists (select from new_rows offset 1)
            into new_parent, changed_id, has_more
            from new_rows as r
            limit 1;

            -- A cascade fires the trigger even if it changes no row.
            if has_more is null then
                return null;
            elsif not has_more then
                insert into count_changes (counter, parent, count_key, delta)
                select '${parent}.${count}', p.${parent_key}, p.${count}_key, 1
                from ${parent} as p
                where p.${parent_key} = new_parent and p.${count}_key <> 0;

                if found then
                    insert into artifact_changes (artifact_id) values (changed_id);
                    return null;
                end if;
            end if;

            changed_ids := array(select ${artifact_key} from new_rows limit ${max_rows} + 1);
            if cardinality(changed_ids) > ${max_rows} then
                changed_ids := array[''];
            end if;

            select array_agg(parent_id), array_agg(delta) into parent_ids, deltas
            from (
                select ${child_key}, count(*) from new_rows group by 1
            ) as per_parent (parent_id, delta);
        when 'DELETE' then
            -- Most statements change one row. To append it costs less than to group rows.
            select r.${child_key}, r.${artifact_key}, exists (select from old_rows offset 1)
            into old_parent, changed_id, has_more
            from old_rows as r
            limit 1;

            -- A cascade fires the trigger even if it changes no row.
            if has_more is null then
                return null;
            elsif not has_more then
                insert into count_changes (counter, parent, count_key, delta)
                select '${parent}.${count}', p.${parent_key}, p.${count}_key, -1
                from ${parent} as p
                where p.${parent_key} = old_parent and p.${count}_key <> 0;

                if found then
                    insert into artifact_changes (artifact_id) values (changed_id);
                    return null;
                end if;
            end if;

            changed_ids := array(select ${artifact_key} from old_rows limit ${max_deleted_rows} + 1);
            if cardinality(changed_ids) > ${max_deleted_rows} then
                changed_ids := array[''];
            end if;

            select array_agg(parent_id), array_agg(delta) into parent_ids, deltas
            from (
                select ${child_key}, -count(*) from old_rows group by 1
            ) as per_parent (parent_id, delta);
        when 'UPDATE' then
            select
                o.${child_key}, n.${child_key},
                o.${artifact_key}, n.${artifact_key},
                o.has_more
            into old_parent, new_parent, old_id, changed_id, has_more
            from (
                select r.*, exists (select from old_rows offset 1) as has_more
                from old_rows as r
                limit 1
            ) as o
            cross join (select r.* from new_rows as r limit 1) as n;

            if has_more is null then
                return null;
            elsif not has_more and old_id = changed_id then
                if old_parent = new_parent then
                    insert into artifact_changes (artifact_id) values (changed_id);
                    return null;
                end if;

                insert into count_changes (counter, parent, count_key, delta)
                select '${parent}.${count}', p.${parent_key}, p.${count}_key, -1
                from ${parent} as p
                where p.${parent_key} = old_parent and p.${count}_key <> 0;

                -- After an ON UPDATE CASCADE there is no old parent, and nothing was appended.
                if found then
                    insert into count_changes (counter, parent, count_key, delta)
                    select '${parent}.${count}', p.${parent_key}, p.${count}_key, 1
                    from ${parent} as p
                    where p.${parent_key} = new_parent and p.${count}_key <> 0;

                    if found then
                        insert into artifact_changes (artifact_id) values (changed_id);
                        return null;
                    end if;
                end if;
            end if;

            changed_ids := array(select ${artifact_key} from new_rows limit ${max_rows} + 1);
            if cardinality(changed_ids) > ${max_rows} then
                changed_ids := array[''];
            else
                -- Both tables have their rows in the same order, so most statements log each id once.
                old_ids := array(select ${artifact_key} from old_rows);
                if old_ids <> changed_ids then
                    changed_ids := changed_ids || old_ids;
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
            changed_ids := array[''];
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

    -- The empty id, which no artifact has, stands for all artifacts.
    insert into artifact_changes (artifact_id) select distinct unnest(changed_ids);

    if parent_ids is null then
        return null;
    end if;

    -- Row-level security would hide parents, and a hidden parent looks like a deleted one.
    if row_security_active('${parent}') then
        raise insufficient_privilege using
            message = 'row-level security of ${parent} applies to the triggers that count',
            hint = 'Run ALTER TABLE ${parent} NO FORCE ROW LEVEL SECURITY.';
    end if;

    insert into count_changes (counter, parent, count_key, delta, settles_batch)
    select
        '${parent}.${count}', p.${parent_key}, p.${count}_key, u.delta,
        case when cardinality(parent_ids) > 100 then false end
    from unnest(parent_ids, deltas) as u (parent_id, delta)
    inner join ${parent} as p on p.${parent_key} = u.parent_id
    where u.delta > 0;

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

revoke execute on function ${child}_record_changes() from public;

comment on function ${child}_record_changes() is
    'Records the changes that a statement makes to ${child} in count_changes and artifact_changes.';

create or replace trigger ${child}_record_changes_on_insert
    after insert on ${child}
    referencing new table as new_rows
    for each statement execute function ${child}_record_changes();

create or replace trigger ${child}_record_changes_on_delete
    after delete on ${child}
    referencing old table as old_rows
    for each statement execute function ${child}_record_changes();

create or replace trigger ${child}_record_changes_on_update
    after update on ${child}
    referencing old table as old_rows new table as new_rows
    for each statement execute function ${child}_record_changes();

create or replace trigger ${child}_record_changes_on_truncate
    after truncate on ${child}
    for each statement execute function ${child}_record_changes();

comment on trigger ${child}_record_changes_on_insert on ${child} is
    'Records inserted rows in count_changes and artifact_changes.';
comment on trigger ${child}_record_changes_on_delete on ${child} is
    'Records deleted rows in count_changes and artifact_changes.';
comment on trigger ${child}_record_changes_on_update on ${child} is
    'Records updated rows in count_changes and artifact_changes.';
comment on trigger ${child}_record_changes_on_truncate on ${child} is
    'Records a TRUNCATE in count_changes and artifact_changes.';
