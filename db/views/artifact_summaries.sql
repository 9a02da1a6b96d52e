-- An artifact with its tags, version and collections, each with its exact count. The rows are
-- those of artifact_summaries_live, at a cost that depends on the page alone.
--
-- The view merges two index scans in the order of ids: the snapshot, and the later changes. It
-- shows the latest row of each artifact: the row of the snapshot, or after a change the live row.
-- If the snapshot cannot be used, a third scan, of all artifacts, replaces both.
--
-- The planner merges the scans as long as
--   * the three children of the UNION ALL are plain relations without WHERE, with the same column
--     types;
--   * it does not estimate the conditions on a row as selective, which an equality would be.
-- One InitPlan checks whether the log has any change; if it has none, no row looks for its own
-- change. The InitPlan reads the first key with ORDER BY and LIMIT instead of EXISTS. That makes
-- the planner use the index and not scan a table full of dead rows. The condition on a row is
-- tested after the merge. Before it, one scan would skip a long run of changed rows before the
-- other scan returns its first row.
--
-- The planner charges every row for every lookup, although few rows need one. Because of that
-- estimate, a session with jit = on would compile the plan for a second, and then read the page in
-- a millisecond. So each lookup is the second branch of a UNION ALL with LIMIT 1. The first branch
-- never returns a row, because seq is not negative, but the planner expects a thousand rows of it.
-- It therefore charges a thousandth of the lookup.

create or replace view artifact_summaries as
<%include file="/views/artifact_summaries.mako" args="is_text=False"/>;

comment on view artifact_summaries is
    'An artifact with its tags, version and collections, each with its exact count.';
comment on column artifact_summaries.tags is 'The names of its tags, in code point order.';
comment on column artifact_summaries.version is 'The version that was added last.';
comment on column artifact_summaries.collections is
    'Its collections as [{"id", "name", "artifact_count"}]: `default` first, then by name.';
