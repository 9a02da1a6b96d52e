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
    page_size constant int := current_setting('block_size');
    filler constant text := repeat(':', 1900);
    -- Each row takes 48 bytes more than the filler.
    rows_a_page constant int := page_size / (length(filler) + 48);
begin
    if pg_relation_size('artifact_changes') < 64 * page_size then
        insert into artifact_changes (artifact_id)
        select filler from generate_series(1, 64 * rows_a_page);
        delete from artifact_changes where artifact_id = filler;
    end if;

    if pg_relation_size('count_changes') < 16 * page_size then
        insert into count_changes (counter, parent, count_key, delta)
        select 'collections.artifact_count', filler, -1, 0
        from generate_series(1, 16 * rows_a_page);
        delete from count_changes where count_key = -1;
    end if;
end;
$$;

revoke execute on function preallocate_log_pages() from public;

comment on function preallocate_log_pages() is
    'Gives the two logs enough empty pages that every plan uses their index.';
