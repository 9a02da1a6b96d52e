-- Waits until the transactions that began before have ended, for which an index that is built
-- concurrently would wait in silence. No writer waits meanwhile.
do $wait$
declare
    -- Every snapshot that is taken after this commit is newer.
    beginning constant xid := pg_current_xact_id()::xid;
    deadline constant timestamptz := clock_timestamp() + interval '${seconds} s';
    holders text;
    reported text;
begin
    commit;
    loop
        perform pg_stat_clear_snapshot();
        select string_agg(older.transaction, '; ' order by older.transaction) into holders
        from (
            select format(
                'process %s (%s)', s.pid,
                concat_ws(
                    ', ',
                    'user ' || s.usename,
                    nullif(s.application_name, ''),
                    'a transaction since ' || date_trunc('second', s.xact_start),
                    'last statement: ' || nullif(
                        left(regexp_replace(s.query, '\s+', ' ', 'g'), 80), '<insufficient privilege>'
                    )
                )
            )
            from pg_stat_activity as s
            where
                s.datname = current_database()
                and s.pid <> pg_backend_pid()
                -- The type of another role's session is hidden; an autovacuum worker has no user. An
                -- index does not wait for VACUUM.
                and s.usesysid is not null
                and s.pid not in (
                    select v.pid from pg_stat_progress_vacuum as v
                    union all
                    select w.pid from pg_stat_replication as w
                )
                and greatest(age(s.backend_xid), age(s.backend_xmin)) >= age(beginning)
            union all
            select format('the prepared transaction %L of user %s', p.gid, p.owner)
            from pg_prepared_xacts as p
            where p.database = current_database() and age(p.transaction) >= age(beginning)
        ) as older (transaction);

        exit when holders is null;
        if clock_timestamp() >= deadline then
            raise exception '% gave up after ${seconds} s: its indexes need the end of %',
                ${revision}, holders using
                errcode = 'lock_not_available',
                hint = 'End or wait for that transaction, then run the migration again.';
        end if;
        if holders <> coalesce(reported, '') then
            raise notice '% waits, before it builds its indexes, for the end of %', ${revision}, holders;
            reported := holders;
        end if;
        perform pg_sleep(0.2);
        -- Release the snapshot, which would hold back VACUUM.
        commit;
    end loop;
end;
$wait$;
