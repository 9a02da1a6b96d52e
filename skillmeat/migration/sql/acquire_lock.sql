-- Repeats short attempts to get a lock, and says which sessions hold it.
do $acquire$
declare
    deadline constant timestamptz := clock_timestamp() + interval '${seconds} s';
    holders text;
    reported text;
begin
    loop
        begin
            ${statement};
            return;
        exception
            when lock_not_available or deadlock_detected then
                null;
        end;

        perform pg_stat_clear_snapshot();
        select string_agg(held.by, '; ' order by held.by) into holders
        from (
            select format(
                '%s (%s)',
                coalesce('process ' || l.pid, 'a prepared transaction'),
                concat_ws(
                    ', ',
                    'user ' || s.usename,
                    nullif(s.application_name, ''),
                    'a transaction since ' || date_trunc('second', s.xact_start),
                    'last statement: ' || nullif(
                        left(regexp_replace(s.query, '\s+', ' ', 'g'), 80), '<insufficient privilege>'
                    ),
                    case when l.pid is null then 'listed in pg_prepared_xacts' end,
                    'holds ' || string_agg(distinct l.mode || coalesce(' on ' || l.relation::regclass, ''), ' and ')
                )
            )
            from pg_locks as l
            left join pg_stat_activity as s on s.pid = l.pid
            where
                l.granted
                and l.database = (select d.oid from pg_database as d where d.datname = current_database())
                and l.pid is distinct from pg_backend_pid()
                and ${condition}
            group by l.pid, s.usename, s.application_name, s.xact_start, s.query
        ) as held (by);

        if clock_timestamp() >= deadline then
            raise exception '% could not get ${what} within ${seconds} s: it is held by %',
                ${revision}, coalesce(holders, 'a session that has just ended') using
                errcode = 'lock_not_available',
                hint = 'End or wait for that transaction, then run the migration again.';
        end if;
        if holders <> coalesce(reported, '') then
            raise notice '% waits for ${what}, held by %', ${revision}, holders;
            reported := holders;
        end if;
        perform pg_sleep(0.2);
    end loop;
end;
$acquire$;
