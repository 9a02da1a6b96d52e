-- Keeps the two logs at a size at which every plan looks changes up by index. A vacuumed log is
-- empty, and a plan that is cached while it is would scan it whole, soon for every row of a page.
-- Its pages stay (vacuum_truncate is off) unless it is rewritten or restored.

create function widen_logs()
    returns void
    language plpgsql
    security definer
    set search_path from current
as $$
declare
    wide constant bigint := 64 * current_setting('block_size')::bigint;
    filler constant text := repeat(':', 1900);
begin
    if pg_relation_size('artifact_changes') < wide then
        insert into artifact_changes (artifact_id) select filler from generate_series(1, 300);
        delete from artifact_changes where artifact_id = filler;
    end if;

    if pg_relation_size('count_changes') < wide then
        insert into count_changes (counter, parent, count_key, delta)
        select 'collections.artifact_count', filler, -1, 0 from generate_series(1, 300);
        delete from count_changes where count_key = -1;
    end if;
end;
$$;

revoke execute on function widen_logs() from public;

comment on function widen_logs() is
    'Keeps the two logs at a size at which every plan looks changes up by index.';
