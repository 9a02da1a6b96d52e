-- Counts the rows from before the triggers, while writers go on. Each batch of a hundred parents is
-- committed by itself, which keeps row locks short. The backfill is idempotent.

do $backfill$
declare
    batch_size constant int := 100;
    patience constant text := '30 s';
    -- A parent, its key and the functions that recount it.
    parent_tables constant text[][] := array[
        ['collections', 'id', 'recount_collections_artifact_count($1), recount_collections_group_count($1)'],
        ['groups', 'id', 'recount_groups_artifact_count($1)'],
        ['tags', 'id', 'recount_tags_artifact_count($1)'],
        ['artifact_types', 'type', 'recount_artifact_types_artifact_count($1)']
    ];
    parent text[];
    last_key text;
    parents text[];
    deadline timestamptz;
    holders text;
    reported text;
begin
    foreach parent slice 1 in array parent_tables loop
        last_key := '';
        deadline := clock_timestamp() + patience::interval;
        loop
            execute format(
                'select array(select %1$I from %2$I where %1$I > $1 order by %1$I limit $2)',
                parent[2], parent[1]
            )
            into parents using last_key, batch_size;
            exit when cardinality(parents) = 0;

            begin
                execute 'select ' || parent[3] using parents;
            exception
                when lock_not_available or deadlock_detected then
                    -- A writer has an open transaction that edits one of these rows.
                    perform pg_stat_clear_snapshot();
                    select string_agg(
                        format(
                            'process %s (%s)', s.pid,
                            concat_ws(', ', 'user ' || s.usename, nullif(s.application_name, ''))
                        ),
                        '; ' order by s.pid
                    )
                    into holders
                    from pg_stat_activity as s
                    where s.pid <> pg_backend_pid() and exists (
                        select from pg_locks as l
                        where l.pid = s.pid and l.granted and l.relation = parent[1]::regclass
                    );
                    if clock_timestamp() >= deadline then
                        raise exception 'the backfill of 0002_counts could not lock a row of % within %: it is held by %',
                            parent[1], patience, holders using
                            errcode = 'lock_not_available',
                            hint = 'End or wait for that transaction, then run the migration again.';
                    end if;
                    if holders <> coalesce(reported, '') then
                        raise notice 'the backfill of 0002_counts waits for a row of %, held by %',
                            parent[1], holders;
                        reported := holders;
                    end if;
                    perform pg_sleep(0.2);
                    continue;
            end;
            commit;
            last_key := parents[cardinality(parents)];
            deadline := clock_timestamp() + patience::interval;
        end loop;
    end loop;
end;
$backfill$;
