-- Settles a count when the transaction that changed it commits: adds the pending changes to the
-- parent's row and deletes them. It runs at commit, so that the row is not locked while the writer
-- does other work, and only if no other transaction has locked the row. The next writer settles
-- what is left.

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
begin
    -- Locking a row that changed since the snapshot would raise 40001.
    if current_setting('transaction_isolation') in ('repeatable read', 'serializable') then
        return null;
    end if;

    -- SKIP LOCKED still waits if the row has changed since the snapshot and another transaction
    -- has locked its newer version. Therefore one transaction at a time settles a count, under an
    -- advisory lock that it takes in a separate statement. Counts share 64 locks, because a
    -- transaction may change any number of counts.
    if not pg_try_advisory_xact_lock(tg_relid::integer, (new.count_key & 63)::integer) then
        return null;
    end if;

    -- If this change is gone, an earlier call in this transaction has settled it. A count falls
    -- below zero only if it was altered by hand. greatest() keeps the commit from failing, and
    -- count_drift shows the wrong count.
    case new.counter
        when 'collections.artifact_count' then
            with settled as (
                delete from count_changes as c
                where
                    c.count_key = new.count_key
                    and exists (
                        select
                        from collections as p
                        where
                            p.id = new.parent
                            and p.artifact_count_key = new.count_key
                            and exists (
                                select from count_changes as o
                                where o.count_key = new.count_key and o.seq = new.seq
                            )
                        for no key update skip locked
                    )
                returning c.delta
            )

            update collections as p
            set artifact_count = greatest(p.artifact_count + (select sum(s.delta) from settled as s), 0)
            where p.id = new.parent and exists (select from settled);
        when 'collections.group_count' then
            with settled as (
                delete from count_changes as c
                where
                    c.count_key = new.count_key
                    and exists (
                        select
                        from collections as p
                        where
                            p.id = new.parent
                            and p.group_count_key = new.count_key
                            and exists (
                                select from count_changes as o
                                where o.count_key = new.count_key and o.seq = new.seq
                            )
                        for no key update skip locked
                    )
                returning c.delta
            )

            update collections as p
            set group_count = greatest(p.group_count + (select sum(s.delta) from settled as s), 0)
            where p.id = new.parent and exists (select from settled);
        when 'groups.artifact_count' then
            with settled as (
                delete from count_changes as c
                where
                    c.count_key = new.count_key
                    and exists (
                        select
                        from groups as p
                        where
                            p.id = new.parent
                            and p.artifact_count_key = new.count_key
                            and exists (
                                select from count_changes as o
                                where o.count_key = new.count_key and o.seq = new.seq
                            )
                        for no key update skip locked
                    )
                returning c.delta
            )

            update groups as p
            set artifact_count = greatest(p.artifact_count + (select sum(s.delta) from settled as s), 0)
            where p.id = new.parent and exists (select from settled);
        when 'tags.artifact_count' then
            with settled as (
                delete from count_changes as c
                where
                    c.count_key = new.count_key
                    and exists (
                        select
                        from tags as p
                        where
                            p.id = new.parent
                            and p.artifact_count_key = new.count_key
                            and exists (
                                select from count_changes as o
                                where o.count_key = new.count_key and o.seq = new.seq
                            )
                        for no key update skip locked
                    )
                returning c.delta
            )

            update tags as p
            set artifact_count = greatest(p.artifact_count + (select sum(s.delta) from settled as s), 0)
            where p.id = new.parent and exists (select from settled);
        when 'artifact_types.artifact_count' then
            with settled as (
                delete from count_changes as c
                where
                    c.count_key = new.count_key
                    and exists (
                        select
                        from artifact_types as p
                        where
                            p.type = new.parent
                            and p.artifact_count_key = new.count_key
                            and exists (
                                select from count_changes as o
                                where o.count_key = new.count_key and o.seq = new.seq
                            )
                        for no key update skip locked
                    )
                returning c.delta
            )

            update artifact_types as p
            set artifact_count = greatest(p.artifact_count + (select sum(s.delta) from settled as s), 0)
            where p.type = new.parent and exists (select from settled);
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
