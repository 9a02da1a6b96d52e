-- Counts the rows of artifact_tags in tags.artifact_count:
-- what a statement changes is summed for each parent and appended to count_changes. An append waits
-- for nobody, so no writer does either.

create or replace function artifact_tags_are_counted()
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
    if tg_table_schema is distinct from current_schema() then
        raise object_not_in_prerequisite_state using
            message = format('schema %I was renamed, and its triggers were not', tg_table_schema),
            hint = 'As its owner run: skillmeat migrate check --fix';
    end if;

    case tg_op
        when 'INSERT' then
            -- Most statements have one row, and to group it costs more than to append it.
            parents := array(select tag_id from new_rows limit 2);
            if cardinality(parents) = 1 then
                deltas := array[1];
            else
                select array_agg(parent), array_agg(delta) into parents, deltas
                from (
                    select tag_id, count(*) from new_rows group by 1
                ) as per_parent (parent, delta);
            end if;
        when 'DELETE' then
            -- Most statements have one row, and to group it costs more than to append it.
            parents := array(select tag_id from old_rows limit 2);
            if cardinality(parents) = 1 then
                deltas := array[-1];
            else
                select array_agg(parent), array_agg(delta) into parents, deltas
                from (
                    select tag_id, -count(*) from old_rows group by 1
                ) as per_parent (parent, delta);
            end if;
        when 'UPDATE' then
            select array_agg(parent), array_agg(delta) into parents, deltas
            from (
                select parent, sum(step)
                from (
                    select tag_id, 1 from new_rows
                    union all
                    select tag_id, -1 from old_rows
                ) as steps (parent, step)
                group by parent
                having sum(step) <> 0
            ) as per_parent (parent, delta);
        when 'TRUNCATE' then
            perform refuse_stale_truncate();

            select array_agg(parent), array_agg(-exact) into parents, deltas
            from (
                select p.id, p.artifact_count + coalesce(sum(c.delta), 0)
                from tags as p
                left join count_changes as c on c.count_key = p.artifact_count_key
                group by p.id
            ) as per_parent (parent, exact)
            where exact <> 0;
    end case;

    for i in 1 .. coalesce(cardinality(parents), 0) loop
        -- Whoever adds children holds their parent as the foreign key does, which may be deferred.
        if deltas[i] > 0 then
            insert into count_changes (counter, parent, count_key, delta)
            select 'tags.artifact_count', p.id, p.artifact_count_key, deltas[i]
            from tags as p
            where p.id = parents[i]
            for key share
            returning count_key into counted_under;

            if not found then
                raise foreign_key_violation using
                    message = format('there is no %L in tags', parents[i]),
                    hint = 'Insert it before the rows of artifact_tags that belong to it.';
            end if;

        -- Where a cascade is deleting the parent there is nothing to count.
        else
            insert into count_changes (counter, parent, count_key, delta)
            select 'tags.artifact_count', p.id, p.artifact_count_key, deltas[i]
            from tags as p
            where p.id = parents[i]
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

revoke execute on function artifact_tags_are_counted() from public;

comment on function artifact_tags_are_counted() is
    'Appends what a statement changes in tags.artifact_count to count_changes.';

create or replace trigger artifact_tags_are_counted_on_insert
    after insert on artifact_tags
    referencing new table as new_rows
    for each statement execute function artifact_tags_are_counted();

create or replace trigger artifact_tags_are_counted_on_delete
    after delete on artifact_tags
    referencing old table as old_rows
    for each statement execute function artifact_tags_are_counted();

create or replace trigger artifact_tags_are_counted_on_update
    after update on artifact_tags
    referencing old table as old_rows new table as new_rows
    for each statement execute function artifact_tags_are_counted();

create or replace trigger artifact_tags_are_counted_on_truncate
    after truncate on artifact_tags
    for each statement execute function artifact_tags_are_counted();

comment on trigger artifact_tags_are_counted_on_insert on artifact_tags is
    'Adds inserted rows to tags.artifact_count.';
comment on trigger artifact_tags_are_counted_on_delete on artifact_tags is
    'Takes deleted rows off tags.artifact_count.';
comment on trigger artifact_tags_are_counted_on_update on artifact_tags is
    'Moves rows between counts when their tag_id changes.';
comment on trigger artifact_tags_are_counted_on_truncate on artifact_tags is
    'Brings every tags.artifact_count to zero.';
