-- Settles the pending changes of a count when their transaction commits: only then, so that the
-- parent's row is never locked while a writer goes on to other work, and only if nobody else holds
-- it. Whoever comes next settles what is left pending.

create function count_changes_settle()
    returns trigger
    language plpgsql
    security definer
    set search_path from current
as $$
begin
    -- Locking a row that changed since the snapshot would raise 40001.
    if current_setting('transaction_isolation') in ('repeatable read', 'serializable') then
        return null;
    end if;

    -- A change that is gone was settled with an earlier one of this transaction. The lock comes
    -- in a statement of its own, for the next one must see what the last holder left. Nobody else
    -- settles while the row is held, so what is summed is what is deleted. A count that was
    -- tampered with may not suffice: then its changes stay pending, in count_drift for everybody
    -- to see, and no commit fails for it.
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
                with due as (
                    select sum(c.delta)::bigint as delta
                    from count_changes as c
                    where c.count_key = new.count_key
                ),

                settled as (
                    update collections as p
                    set artifact_count = p.artifact_count + due.delta
                    from due
                    where p.id = new.parent and p.artifact_count + due.delta >= 0
                    returning p.id
                )

                delete from count_changes as c
                where c.count_key = new.count_key and exists (select from settled);
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
                with due as (
                    select sum(c.delta)::bigint as delta
                    from count_changes as c
                    where c.count_key = new.count_key
                ),

                settled as (
                    update collections as p
                    set group_count = p.group_count + due.delta
                    from due
                    where p.id = new.parent and p.group_count + due.delta >= 0
                    returning p.id
                )

                delete from count_changes as c
                where c.count_key = new.count_key and exists (select from settled);
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
                with due as (
                    select sum(c.delta)::bigint as delta
                    from count_changes as c
                    where c.count_key = new.count_key
                ),

                settled as (
                    update groups as p
                    set artifact_count = p.artifact_count + due.delta
                    from due
                    where p.id = new.parent and p.artifact_count + due.delta >= 0
                    returning p.id
                )

                delete from count_changes as c
                where c.count_key = new.count_key and exists (select from settled);
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
                with due as (
                    select sum(c.delta)::bigint as delta
                    from count_changes as c
                    where c.count_key = new.count_key
                ),

                settled as (
                    update tags as p
                    set artifact_count = p.artifact_count + due.delta
                    from due
                    where p.id = new.parent and p.artifact_count + due.delta >= 0
                    returning p.id
                )

                delete from count_changes as c
                where c.count_key = new.count_key and exists (select from settled);
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
                with due as (
                    select sum(c.delta)::bigint as delta
                    from count_changes as c
                    where c.count_key = new.count_key
                ),

                settled as (
                    update artifact_types as p
                    set artifact_count = p.artifact_count + due.delta
                    from due
                    where p.type = new.parent and p.artifact_count + due.delta >= 0
                    returning p.type
                )

                delete from count_changes as c
                where c.count_key = new.count_key and exists (select from settled);
            end if;
    end case;

    return null;
end;
$$;

comment on function count_changes_settle() is
    'Adds pending changes to their count unless another transaction holds its row.';

create constraint trigger count_changes_settle
    after insert on count_changes
    deferrable initially deferred
    for each row
    execute function count_changes_settle();

comment on trigger count_changes_settle on count_changes is 'Settles counts at commit.';
