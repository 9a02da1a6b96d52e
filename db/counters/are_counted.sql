<%namespace name="schema" file="/triggers/schema_check.mako"/>\
<%def name="sum_by_parent(rows, sign)">\
            -- Most statements change one row. To append it costs less than to group rows.
            parent_ids := array(select ${child_key} from ${rows} limit 2);
            if cardinality(parent_ids) = 1 then
                deltas := array[${sign}1];
            else
                select array_agg(parent_id), array_agg(delta) into parent_ids, deltas
                from (
                    select ${child_key}, ${sign}count(*) from ${rows} group by 1
                ) as per_parent (parent_id, delta);
            end if;
</%def>\
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
begin
${schema.refuse_renamed_schema()}
    case tg_op
        when 'INSERT' then
${sum_by_parent("new_rows", "")}\
        when 'DELETE' then
${sum_by_parent("old_rows", "-")}\
        when 'UPDATE' then
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

    for i in 1 .. coalesce(cardinality(parent_ids), 0) loop
        -- FOR KEY SHARE is the lock of the foreign key, whose own check may be deferred.
        if deltas[i] > 0 then
            insert into count_changes (counter, parent, count_key, delta)
            select '${parent}.${count}', p.${parent_key}, p.${count}_key, deltas[i]
            from ${parent} as p
            where p.${parent_key} = parent_ids[i]
            for key share
            returning count_key into appended_key;

            if not found then
                raise foreign_key_violation using
                    message = format('there is no %L in ${parent}', parent_ids[i]),
                    hint = 'Insert it before the rows of ${child} that belong to it.';
            end if;

        -- If a cascade has deleted the parent, nothing is inserted: its count is gone.
        else
            insert into count_changes (counter, parent, count_key, delta)
            select '${parent}.${count}', p.${parent_key}, p.${count}_key, deltas[i]
            from ${parent} as p
            where p.${parent_key} = parent_ids[i]
            returning count_key into appended_key;
        end if;

        -- A snapshot that is older than the migration to counts shows the key 0.
        if appended_key = 0 then
            raise serialization_failure using
                message = 'this transaction''s snapshot is older than the counts',
                hint = 'Run the transaction again.';
        end if;
    end loop;

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
