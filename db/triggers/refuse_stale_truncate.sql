-- Refuses a TRUNCATE that cannot be counted. TRUNCATE removes rows that its snapshot does
-- not show. At READ COMMITTED the next statement sees all of them. At a higher level it does so
-- only if no transaction has committed since the snapshot.

create or replace function refuse_stale_truncate()
    returns void
    language plpgsql
    set search_path from current
as $$
declare
    snapshot constant pg_snapshot := pg_current_snapshot();
    xid bigint;
begin
    if current_setting('transaction_isolation') not in ('repeatable read', 'serializable') then
        return;
    end if;

    for xid in select pg_snapshot_xip(snapshot)::text::bigint loop
        if pg_xact_status(xid::text::xid8) = 'committed' then
            raise serialization_failure;
        end if;
    end loop;

    xid := pg_snapshot_xmax(snapshot)::text::bigint;
    loop
        if pg_xact_status(xid::text::xid8) = 'committed' then
            raise serialization_failure;
        end if;
        xid := xid + 1;
    end loop;
exception
    when invalid_parameter_value then
        -- No transaction has this number yet: none has committed since the snapshot.
        return;
    when serialization_failure then
        raise serialization_failure using
            message = 'could not count this TRUNCATE: other transactions committed after its snapshot',
            hint = 'Retry the transaction, or run TRUNCATE at READ COMMITTED.';
end;
$$;

revoke execute on function refuse_stale_truncate() from public;

comment on function refuse_stale_truncate() is
    'Raises 40001 if a TRUNCATE could remove rows that its snapshot does not show.';
