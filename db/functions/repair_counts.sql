-- Recounts every count that drifts, and returns what it mended.

create function repair_counts()
    returns setof count_drift
    language plpgsql
    security definer
    set search_path from current
as $$
begin
% for c in counters:
    return query select * from recount_${c.parent}_${c.count}(array(
        select d.parent from count_drift as d where d.counter = '${c.parent}.${c.count}'
    ));
% endfor
end;
$$;

revoke execute on function repair_counts() from public;

comment on function repair_counts() is
    'Recounts every count that drifts, under concurrent writers, and returns what it mended.';
