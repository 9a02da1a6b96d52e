-- Settles a count when the transaction that changed it commits: adds the pending changes to the
-- parent's row and deletes them. It waits for no lock of a table or of another settling commit.
-- What it does not settle stays pending, which is as exact, and the next writer settles it.

create or replace function count_changes_settle()
    returns trigger
    language plpgsql
    security definer
    set search_path from current
    -- After a VACUUM of the empty table the planner would choose a sequential scan, dead rows
    -- included. Without statistics it expects thousands of changes of a count, and plans again in
    -- every call.
    set enable_seqscan = off
    set enable_bitmapscan = off
    set plan_cache_mode = force_generic_plan
as $$
declare
    context text;
    locked_version tid;
begin
    -- Another change of the batch settles this one, or locking a row that changed since the snapshot
    -- would raise 40001.
    if
        not new.settles_batch
        or current_setting('transaction_isolation') in ('repeatable read', 'serializable')
    then
        return null;
    end if;

    -- Only a commit locks the parent's row, because it ends at once. SET CONSTRAINTS and PREPARE
    -- TRANSACTION fire this trigger as well, and the lock would last. Then the client's command
    -- contains their words, or a function runs them, which adds a line to the context. A COMMIT in
    -- a procedure adds one, too. A long command is not searched, because a bulk INSERT with its
    -- values in the text may change as many counts as it has rows.
    get diagnostics context = pg_context;
    if
        (strpos(context, e'\n') > 0 and context !~ '^[^\n]*\n[^\n]* COMMIT(\n|$)')
        or octet_length(current_query()) > 8192
        or upper(current_query() collate "C")
        like any (array['%SET%CONSTRAINTS%', '%PREPARE%TRANSACTION%'])
    then
        return null;
    end if;

    if new.settles_batch then
        case new.counter
% for c in counters:
            when '${c.parent}.${c.count}' then
                perform settle_${c.parent}_${c.count}(array(
                    select distinct c.parent
                    from count_changes as c
                    where c.counter = new.counter and c.settles_batch is not null
                ));
% endfor
        end case;

        return null;
    end if;

    -- SKIP LOCKED still waits if the row has changed since the snapshot and another transaction
    -- has locked its newer version. Therefore one transaction at a time settles a count, under an
    -- advisory lock that it takes in a separate statement. Counts share 64 locks, because a
    -- transaction may change any number of counts.
    if not pg_try_advisory_xact_lock(tg_relid::integer, (new.count_key & 63)::integer) then
        return null;
    end if;

    -- If this change is gone, an earlier call in this transaction has settled it. Without this check
    -- each call would read all the changes that the earlier one has deleted. The latest change of
    -- all is not checked: a transaction has at most one, and most transactions have no other.
    if new.seq < pg_sequence_last_value('count_changes_seq_seq') then
        if not exists (
            select from count_changes as c where c.count_key = new.count_key and c.seq = new.seq
        ) then
            return null;
        end if;
    end if;

    -- A count falls below zero only if it was altered by hand. greatest() keeps the commit from
    -- failing, and count_drift shows the wrong count.
    case new.counter
% for c in counters:
        when '${c.parent}.${c.count}' then
            -- A session that builds an index, or creates a trigger or a foreign key, holds the
            -- table. To wait for it at commit would be a deadlock if it waits for this transaction.
            begin
                lock table ${c.parent} in row exclusive mode nowait;
            exception
                when lock_not_available then
                    return null;
            end;

            select p.ctid into locked_version
            from ${c.parent} as p
            where p.${c.parent_key} = new.parent and p.${c.count}_key = new.count_key
            for no key update skip locked;

            if found then
                with settled as (
                    delete from count_changes as c
                    where c.count_key = new.count_key
                    returning c.delta
                )

                -- The lock keeps the version: to find it by its ctid costs less than by its key.
                update ${c.parent} as p
                set ${c.count} = greatest(p.${c.count} + (select sum(s.delta) from settled as s), 0)
                where p.ctid = locked_version and exists (select from settled);
            end if;
% endfor
    end case;

    return null;
end;
$$;

revoke execute on function count_changes_settle() from public;

comment on function count_changes_settle() is
    'Adds pending changes to their count unless another transaction has locked its row.';

create constraint trigger count_changes_settle
    after insert on count_changes
    deferrable initially deferred
    for each row
    execute function count_changes_settle();

comment on trigger count_changes_settle on count_changes is 'Settles counts at commit.';
