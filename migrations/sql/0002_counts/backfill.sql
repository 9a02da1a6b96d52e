-- Counts what was there before the triggers were, while writers go on: a hundred rows at a time,
-- each batch committed by itself, so that no row is held for long. Running it again is harmless.

do $backfill$
declare
    batch constant int := 100;
    last text;
    parents text[];
begin
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
