-- Gives count_changes and artifact_changes enough empty pages that every plan uses their index. A
-- vacuumed log is empty, and the planner chooses a sequential scan for an empty table. A cached
-- plan would repeat that scan for every row of a page. The pages stay until the table is rewritten
-- or restored, because vacuum_truncate is off.

create or replace function preallocate_log_pages()
    returns void
    language plpgsql
    security definer
    set search_path from current
as $$
declare
    min_size constant bigint := 64 * current_setting('block_size')::bigint;
    filler constant text := repeat(':', 1900);
begin
    if pg_relation_size('artifact_changes') < min_size then
        insert into artifact_changes (artifact_id) select filler from generate_series(1, 300);
        delete from artifact_changes where artifact_id = filler;
    end if;

    if pg_relation_size('count_changes') < min_size then
        insert into count_changes (counter, parent, count_key, delta)
        select 'collections.artifact_count', filler, -1, 0 from generate_series(1, 300);
        delete from count_changes where count_key = -1;
    end if;
end;
$$;

revoke execute on function preallocate_log_pages() from public;

comment on function preallocate_log_pages() is
    'Gives the two logs enough empty pages that every plan uses their index.';
