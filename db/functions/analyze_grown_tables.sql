-- Analyzes the tables that have doubled since their last ANALYZE, or have no statistics, as after a
-- bulk load or a restore. Until autovacuum does it, the planner would take 100,000 artifacts for a
-- few hundred, or one artifact for the member of a thousand collections. A table that another
-- session is maintaining is skipped, so nothing waits. So is a small table: a plan that is cached
-- for the statistics of a few rows would scan the table after it has grown.

create or replace function analyze_grown_tables()
    returns void
    language plpgsql
    security definer
    set search_path from current
    -- ANALYZE warns of each table that it skips.
    set client_min_messages = error
as $$
declare
    block_size constant bigint := current_setting('block_size');
    grown regclass;
begin
    for grown in
        select c.oid
        from pg_class as c
        where
            c.relnamespace = quote_ident(current_schema())::regnamespace
            and c.relkind in ('r', 'm')
            and pg_has_role(c.relowner, 'usage')
            and pg_relation_size(c.oid) >= 64 * block_size
            and (
                pg_relation_size(c.oid) > 2 * c.relpages * block_size
                or c.reltuples > 0 and not exists (
                    select
                    from pg_stats as s
                    where s.schemaname = current_schema() and s.tablename = c.relname
                )
            )
    loop
        execute format('analyze (skip_locked) %s', grown);
    end loop;
end;
$$;

revoke execute on function analyze_grown_tables() from public;

comment on function analyze_grown_tables() is
    'Analyzes the tables that have doubled since their last ANALYZE, or have no statistics.';
