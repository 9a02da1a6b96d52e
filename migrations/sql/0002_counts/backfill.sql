-- Counts the rows from before the triggers, while writers go on. Each batch of a hundred parents is
-- committed by itself, which keeps row locks short. The backfill is idempotent.

do $backfill$
declare
    batch_size constant int := 100;
    last_key text;
    parents text[];
begin
    last_key := '';
    loop
        parents := array(select id from collections where id > last_key order by id limit batch_size);
        exit when cardinality(parents) = 0;
        perform recount_collections_artifact_count(parents), recount_collections_group_count(parents);
        commit;
        last_key := parents[cardinality(parents)];
    end loop;

    last_key := '';
    loop
        parents := array(select id from groups where id > last_key order by id limit batch_size);
        exit when cardinality(parents) = 0;
        perform recount_groups_artifact_count(parents);
        commit;
        last_key := parents[cardinality(parents)];
    end loop;

    last_key := '';
    loop
        parents := array(select id from tags where id > last_key order by id limit batch_size);
        exit when cardinality(parents) = 0;
        perform recount_tags_artifact_count(parents);
        commit;
        last_key := parents[cardinality(parents)];
    end loop;

    last_key := '';
    loop
        parents := array(
            select type from artifact_types where type > last_key order by type limit batch_size
        );
        exit when cardinality(parents) = 0;
        perform recount_artifact_types_artifact_count(parents);
        commit;
        last_key := parents[cardinality(parents)];
    end loop;
end;
$backfill$;
