<%namespace name="schema" file="/triggers/own_schema.mako"/>\
<%def name="per_parent(rows, sign)">\
            -- Most statements have one row, and to group it costs more than to append it.
            parents := array(select ${child_key} from ${rows} limit 2);
            if cardinality(parents) = 1 then
                deltas := array[${sign}1];
            else
                select array_agg(parent), array_agg(delta) into parents, deltas
                from (
                    select ${child_key}, ${sign}count(*) from ${rows} group by 1
                ) as per_parent (parent, delta);
            end if;
</%def>\
-- Counts the rows of ${child} in ${parent}.${count}:
-- what a statement changes is summed for each parent and appended to count_changes. An append waits
-- for nobody, so no writer does either.

create or replace function ${child}_are_counted()
    returns trigger
    language plpgsql
    security definer
    set search_path from current
as $$
declare
    parents text[];
    deltas bigint[];
    counted_under bigint;
begin
${schema.refuse_renamed()}
    case tg_op
        when 'INSERT' then
${per_parent("new_rows", "")}\
        when 'DELETE' then
${per_parent("old_rows", "-")}\
        when 'UPDATE' then
            select array_agg(parent), array_agg(delta) into parents, deltas
            from (
                select parent, sum(step)
                from (
                    select ${child_key}, 1 from new_rows
                    union all
                    select ${child_key}, -1 from old_rows
                ) as steps (parent, step)
                group by parent
                having sum(step) <> 0
            ) as per_parent (parent, delta);
        when 'TRUNCATE' then
            perform refuse_stale_truncate();

            select array_agg(parent), array_agg(-exact) into parents, deltas
            from (
                select p.${parent_key}, p.${count} + coalesce(sum(c.delta), 0)
                from ${parent} as p
                left join count_changes as c on c.count_key = p.${count}_key
                group by p.${parent_key}
            ) as per_parent (parent, exact)
            where exact <> 0;
    end case;

    for i in 1 .. coalesce(cardinality(parents), 0) loop
        -- Whoever adds children holds their parent as the foreign key does, which may be deferred.
        if deltas[i] > 0 then
            insert into count_changes (counter, parent, count_key, delta)
            select '${parent}.${count}', p.${parent_key}, p.${count}_key, deltas[i]
            from ${parent} as p
            where p.${parent_key} = parents[i]
            for key share
            returning count_key into counted_under;

            if not found then
                raise foreign_key_violation using
                    message = format('there is no %L in ${parent}', parents[i]),
                    hint = 'Insert it before the rows of ${child} that belong to it.';
            end if;

        -- Where a cascade is deleting the parent there is nothing to count.
        else
            insert into count_changes (counter, parent, count_key, delta)
            select '${parent}.${count}', p.${parent_key}, p.${count}_key, deltas[i]
            from ${parent} as p
            where p.${parent_key} = parents[i]
            returning count_key into counted_under;
        end if;

        if counted_under = 0 then
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
    'Appends what a statement changes in ${parent}.${count} to count_changes.';

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
    'Takes deleted rows off ${parent}.${count}.';
comment on trigger ${child}_are_counted_on_update on ${child} is
    'Moves rows between counts when their ${child_key} changes.';
comment on trigger ${child}_are_counted_on_truncate on ${child} is
    'Brings every ${parent}.${count} to zero.';
