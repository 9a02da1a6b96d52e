-- Settles the pending changes of a count when their transaction commits: only then, so that the
-- parent's row is never locked while a writer goes on to other work, and only if nobody else holds
-- it. Whoever comes next settles what is left pending.

create function count_changes_settle()
    returns trigger
    language plpgsql
    security definer
    set search_path from current
    -- Vacuum finds count_changes empty and plans would scan it whole, dead rows and all.
    set enable_seqscan = off
as $$
begin
    -- Locking a row that changed since the snapshot would raise 40001.
    if current_setting('transaction_isolation') in ('repeatable read', 'serializable') then
        return null;
    end if;

    -- A change that is gone was settled with an earlier one of this transaction. The lock comes
    -- in a statement of its own, for the next one must see what the last holder left. Only a count
    -- that was tampered with can fall below zero: it stays wrong, in count_drift for everybody to
    -- see, and no commit fails for it.
    case new.counter
% for c in counters:
        when '${c.parent}.${c.count}' then
            perform
            from ${c.parent} as p
            where
                p.${c.parent_key} = new.parent
                and p.${c.count}_key = new.count_key
                and exists (
                    select from count_changes as c
                    where c.count_key = new.count_key and c.seq = new.seq
                )
            for no key update skip locked;

            if found then
                with settled as (
                    delete from count_changes as c
                    where c.count_key = new.count_key
                    returning c.delta
                )
                update ${c.parent} as p
                set ${c.count} = greatest(
                    p.${c.count} + (select sum(s.delta) from settled as s), 0
                )
                where p.${c.parent_key} = new.parent;
            end if;
% endfor
    end case;

    return null;
end;
$$;

revoke execute on function count_changes_settle() from public;

comment on function count_changes_settle() is
    'Adds pending changes to their count unless another transaction holds its row.';

create constraint trigger count_changes_settle
    after insert on count_changes
    deferrable initially deferred
    for each row
    execute function count_changes_settle();

comment on trigger count_changes_settle on count_changes is 'Settles counts at commit.';
