-- Has autovacuum run early: a refresh leaves a dead row for each change, and a page reads past
-- those between its rows. By default autovacuum waits for a fifth of all rows, which is many
-- refreshes.

alter materialized view artifact_summaries_snapshot
    set (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 1000);
