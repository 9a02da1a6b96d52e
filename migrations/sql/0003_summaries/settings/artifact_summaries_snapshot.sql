-- Makes autovacuum run early. A refresh leaves a dead row for each change, and a page scans the
-- dead rows between its rows. By default autovacuum waits until a fifth of all rows is dead, which
-- takes many refreshes.

alter materialized view artifact_summaries_snapshot
    set (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 1000);
