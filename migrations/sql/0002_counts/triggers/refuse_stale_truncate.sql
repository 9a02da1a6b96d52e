-- TRUNCATE removes rows that its own snapshot cannot see. At READ COMMITTED the next statement
-- sees them all; above it, counting is possible only if nothing was committed since the snapshot.

create function refuse_stale_truncate()
    returns void
    language plpgsql
    set search_path from current
as $$
declare
    seen constant pg_snapshot := pg_current_snapshot();
    other bigint;
begin
    if current_setting('transaction_isolation') not in ('repeatable read', 'serializable') then
        return;
    end if;

    for other in select pg_snapshot_xip(seen)::text::bigint loop
        if pg_xact_status(other::text::xid8) = 'committed' then
            raise serialization_failure;
        end if;
    end loop;

    other := pg_snapshot_xmax(seen)::text::bigint;
    loop
        if pg_xact_status(other::text::xid8) = 'committed' then
            raise serialization_failure;
        end if;
        other := other + 1;
    end loop;
exception
    when invalid_parameter_value then
        -- The first number not given to any transaction yet: the snapshot is current.
        return;
    when serialization_failure then
        raise serialization_failure using
            message = 'could not count this TRUNCATE: others have committed since its snapshot',
            hint = 'Retry the transaction, or run TRUNCATE at READ COMMITTED.';
end;
$$;

revoke execute on function refuse_stale_truncate() from public;

comment on function refuse_stale_truncate() is
    'Raises 40001 where a TRUNCATE could remove rows that its snapshot does not show.';
