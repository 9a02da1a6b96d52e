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
        when 'collections.artifact_count' then
            perform
            from collections as p
            where
                p.id = new.parent
                and p.artifact_count_key = new.count_key
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
                update collections as p
                set artifact_count = greatest(
                    p.artifact_count + (select sum(s.delta) from settled as s), 0
                )
                where p.id = new.parent;
            end if;
        when 'collections.group_count' then
            perform
            from collections as p
            where
                p.id = new.parent
                and p.group_count_key = new.count_key
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
                update collections as p
                set group_count = greatest(
                    p.group_count + (select sum(s.delta) from settled as s), 0
                )
                where p.id = new.parent;
            end if;
        when 'groups.artifact_count' then
            perform
            from groups as p
            where
                p.id = new.parent
                and p.artifact_count_key = new.count_key
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
                update groups as p
                set artifact_count = greatest(
                    p.artifact_count + (select sum(s.delta) from settled as s), 0
                )
                where p.id = new.parent;
            end if;
        when 'tags.artifact_count' then
            perform
            from tags as p
            where
                p.id = new.parent
                and p.artifact_count_key = new.count_key
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
                update tags as p
                set artifact_count = greatest(
                    p.artifact_count + (select sum(s.delta) from settled as s), 0
                )
                where p.id = new.parent;
            end if;
        when 'artifact_types.artifact_count' then
            perform
            from artifact_types as p
            where
                p.type = new.parent
                and p.artifact_count_key = new.count_key
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
                update artifact_types as p
                set artifact_count = greatest(
                    p.artifact_count + (select sum(s.delta) from settled as s), 0
                )
                where p.type = new.parent;
            end if;
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
