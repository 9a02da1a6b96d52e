<%doc>
    The trigger function of a table whose changes are recorded: as changes of a count, in the change log,
    or in both. One function does both, because to call a function and to read the changed rows costs
    more than to append a row. Each way has a file of its own, which includes this one.
</%doc>
<%page args="counts, logs, parent=None"/>\
<%namespace name="schema" file="/triggers/schema_check.mako"/>\
<%
    table = context.get("child", context.get("table"))
    child_key, parent_key, count = map(context.get, ("child_key", "parent_key", "count"))
    artifact_key, max_rows, max_deleted_rows = map(
        context.get, ("artifact_key", "max_rows", "max_deleted_rows")
    )
    logs_of = " and ".join(["count_changes"] * counts + ["artifact_changes"] * logs)
    # The foreign key has locked the parent before, unless its check is deferred.
    lock = "\n{}for key share{}" if counts and not logs else ""
%>\
<%def name="append_count(parent_id, sign, indent)">\
${indent}insert into count_changes (counter, parent, count_key, delta)
${indent}select '${parent}.${count}', p.${parent_key}, p.${count}_key, ${sign}1
${indent}from ${parent} as p
${indent}where p.${parent_key} = ${parent_id} and p.${count}_key <> 0${"" if sign else lock.format(indent, "")};
</%def>\
<%def name="log_one(indent)">\
${indent}insert into artifact_changes (artifact_id) values (changed_id);
</%def>\
<%def name="record_rows(rows, parent_of_row, sign, limit)">\
            -- Most statements change one row. To append it costs less than to group rows.
            select\
${f" r.{child_key}," if counts else ""}${f" r.{artifact_key}," if logs else ""} exists (select from ${rows} offset 1)
            into${f" {parent_of_row}," if counts else ""}${" changed_id," if logs else ""} has_more
            from ${rows} as r
            limit 1;

            -- A cascade fires the trigger even if it changes no row.
            if has_more is null then
                return null;
            elsif not has_more then
% if counts:
${append_count(parent_of_row, sign, " " * 16)}
                if found then
% if logs:
${log_one(" " * 20)}\
% endif
                    return null;
                end if;
% else:
${log_one(" " * 16)}\
                return null;
% endif
            end if;

% if logs:
            changed_ids := array(select ${artifact_key} from ${rows} limit ${limit} + 1);
            if cardinality(changed_ids) > ${limit} then
                changed_ids := array[''];
            end if;
% endif
% if counts:

            select array_agg(parent_id), array_agg(delta) into parent_ids, deltas
            from (
                select ${child_key}, ${sign}count(*) from ${rows} group by 1
            ) as per_parent (parent_id, delta);
% endif
</%def>\
create or replace function ${table}_record_changes()
    returns trigger
    language plpgsql
    security definer
    set search_path from current
as $$
declare
    has_more boolean;
% if counts:
    new_parent text;
    old_parent text;
    parent_ids text[];
    deltas bigint[];
    appended bigint;
% endif
% if logs:
    changed_id text;
    old_id text;
    changed_ids text[];
    old_ids text[];
% endif
begin
${schema.refuse_renamed_schema()}
    case tg_op
        when 'INSERT' then
${record_rows("new_rows", "new_parent", "", max_rows)}\
        when 'DELETE' then
${record_rows("old_rows", "old_parent", "-", max_deleted_rows)}\
        when 'UPDATE' then
            select
% for key in [child_key] * counts + [artifact_key] * logs:
                o.${key}, n.${key},
% endfor
                o.has_more
            into${" old_parent, new_parent," if counts else ""}${" old_id, changed_id," if logs else ""} has_more
            from (
                select r.*, exists (select from old_rows offset 1) as has_more
                from old_rows as r
                limit 1
            ) as o
            cross join (select r.* from new_rows as r limit 1) as n;

            if has_more is null then
                return null;
            elsif not has_more\
${f" and old_id = changed_id" if logs else ""} then
% if counts:
                if old_parent = new_parent then
% if logs:
${log_one(" " * 20)}\
% endif
                    return null;
                end if;

${append_count("old_parent", "-", " " * 16)}
                -- After an ON UPDATE CASCADE there is no old parent, and nothing was appended.
                if found then
${append_count("new_parent", "", " " * 20)}
                    if found then
% if logs:
${log_one(" " * 24)}\
% endif
                        return null;
                    end if;
                end if;
% else:
${log_one(" " * 16)}\
                return null;
% endif
            end if;

% if logs:
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
% endif
% if counts:

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
% endif
        when 'TRUNCATE' then
% if logs:
            changed_ids := array[''];
% endif
% if counts:
            perform refuse_stale_truncate();
            select array_agg(parent_id), array_agg(-exact_count) into parent_ids, deltas
            from (
                select p.${parent_key}, p.${count} + coalesce(sum(c.delta), 0)
                from ${parent} as p
                left join count_changes as c on c.count_key = p.${count}_key
                group by p.${parent_key}
            ) as per_parent (parent_id, exact_count)
            where exact_count <> 0;
% endif
    end case;

% if logs:
    -- The empty id, which no artifact has, stands for all artifacts.
    insert into artifact_changes (artifact_id) select distinct unnest(changed_ids);

% endif
% if counts:
    if parent_ids is null then
        return null;
    end if;

    -- Row-level security would hide parents, and a hidden parent looks like a deleted one.
    if row_security_active('${parent}') then
        raise insufficient_privilege using
            message = 'row-level security of ${parent} applies to the triggers that count',
            hint = 'Run ALTER TABLE ${parent} NO FORCE ROW LEVEL SECURITY.';
    end if;

% if lock:
    -- FOR KEY SHARE is the lock of the foreign key, whose own check may be deferred.
% endif
    insert into count_changes (counter, parent, count_key, delta, settles_batch)
    select
        '${parent}.${count}', p.${parent_key}, p.${count}_key, u.delta,
        case when cardinality(parent_ids) > 100 then false end
    from unnest(parent_ids, deltas) as u (parent_id, delta)
    inner join ${parent} as p on p.${parent_key} = u.parent_id
    where u.delta > 0${lock.format("    ", " of p")};

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
            hint = 'Insert it before the rows of ${table} that belong to it.';
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

% endif
    return null;
end;
$$;

revoke execute on function ${table}_record_changes() from public;

comment on function ${table}_record_changes() is
    'Records the changes that a statement makes to ${table} in ${logs_of}.';

create or replace trigger ${table}_record_changes_on_insert
    after insert on ${table}
    referencing new table as new_rows
    for each statement execute function ${table}_record_changes();

create or replace trigger ${table}_record_changes_on_delete
    after delete on ${table}
    referencing old table as old_rows
    for each statement execute function ${table}_record_changes();

create or replace trigger ${table}_record_changes_on_update
    after update on ${table}
    referencing old table as old_rows new table as new_rows
    for each statement execute function ${table}_record_changes();

create or replace trigger ${table}_record_changes_on_truncate
    after truncate on ${table}
    for each statement execute function ${table}_record_changes();

comment on trigger ${table}_record_changes_on_insert on ${table} is
    'Records inserted rows in ${logs_of}.';
comment on trigger ${table}_record_changes_on_delete on ${table} is
    'Records deleted rows in ${logs_of}.';
comment on trigger ${table}_record_changes_on_update on ${table} is
    'Records updated rows in ${logs_of}.';
comment on trigger ${table}_record_changes_on_truncate on ${table} is
    'Records a TRUNCATE in ${logs_of}.';
