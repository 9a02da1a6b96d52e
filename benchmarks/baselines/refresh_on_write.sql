-- Every statement that changes a membership refreshes the pages in its own transaction.

create function refresh_pages()
    returns trigger
    language plpgsql
    set search_path from current
as $$
begin
    refresh materialized view concurrently artifact_pages;
    refresh materialized view concurrently collection_pages;
    return null;
end;
$$;

create trigger refresh_pages
    after insert or update or delete on collection_artifacts
    for each statement execute function refresh_pages();
