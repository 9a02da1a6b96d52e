-- A refresh leaves as many dead rows as there were changes, and pages read past those near them. A
-- fifth of all rows, which autovacuum waits for by default, is many refreshes.

alter materialized view artifact_summaries_snapshot
    set (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 1000);
