-- Counts what was there before the triggers were, while writers go on: a hundred rows at a time,
-- each batch committed by itself, so that no row is held for long. Running it again is harmless.

do $backfill$
declare
    batch constant int := 100;
    counted_since constant xid := (select xmin from alembic_version);
    patience constant timestamptz := clock_timestamp() + interval '20 seconds';
    last text;
    parents text[];
begin
    -- Whoever has a snapshot from before the counts sees none of their keys, so its changes are
    -- pending under no count. They are counted here once it is gone, which is waited for, but not
    -- for ever: most of them only read.
    while exists (
        select
        from pg_stat_activity
        where
            datname = current_database()
            and pid <> pg_backend_pid()
            and backend_type = 'client backend'
            and age(backend_xmin) > age(counted_since)
    ) loop
        if clock_timestamp() > patience then
            raise warning 'transactions from before the migration are still open'
                using hint = 'If one of them writes, call repair_counts() when it has ended.';
            exit;
        end if;

        perform pg_sleep(0.05);
        perform pg_stat_clear_snapshot();
    end loop;

    last := '';
    loop
        parents := array(select id from collections where id > last order by id limit batch);
        exit when cardinality(parents) = 0;
        perform recount_collections_artifact_count(parents), recount_collections_group_count(parents);
        commit;
        last := parents[cardinality(parents)];
    end loop;

    last := '';
    loop
        parents := array(select id from groups where id > last order by id limit batch);
        exit when cardinality(parents) = 0;
        perform recount_groups_artifact_count(parents);
        commit;
        last := parents[cardinality(parents)];
    end loop;

    last := '';
    loop
        parents := array(select id from tags where id > last order by id limit batch);
        exit when cardinality(parents) = 0;
        perform recount_tags_artifact_count(parents);
        commit;
        last := parents[cardinality(parents)];
    end loop;

    last := '';
    loop
        parents := array(
            select type from artifact_types where type > last order by type limit batch
        );
        exit when cardinality(parents) = 0;
        perform recount_artifact_types_artifact_count(parents);
        commit;
        last := parents[cardinality(parents)];
    end loop;
end;
$backfill$;
