-- Returns how many changes of counts are pending, for roles that may not read count_changes.

create or replace function pending_counts()
    returns bigint
    language sql
    stable
    security definer
    set search_path from current
as $$
    select count(*) from count_changes;
$$;

revoke execute on function pending_counts() from public;

comment on function pending_counts() is 'Returns how many changes of counts are not settled yet.';
