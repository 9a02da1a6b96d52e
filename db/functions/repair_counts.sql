-- Recounts every count in count_drift, or the given counts, and returns the wrong ones. The
-- parents' rows stay locked until the transaction ends: in a large catalogue pass a few parents at
-- a time.

create or replace function repair_counts(counter text default null, parents text[] default null)
    returns setof count_drift
    language plpgsql
    security definer
    set search_path from current
    set row_security = off
    -- The planner expects a long query, and the caller's session may compile it for seconds.
    set jit = off
as $$
begin
    if counter not in (
% for c in counters:
        '${c.parent}.${c.count}'${"" if loop.last else ","}
% endfor
    ) then
        raise invalid_parameter_value using
            message = format('there is no counter %L', counter),
            hint = 'It is one of ${", ".join(f"{c.parent}.{c.count}" for c in counters)}.';
    end if;

% for c in counters:
    if coalesce(counter = '${c.parent}.${c.count}', true) then
        return query select * from recount_${c.parent}_${c.count}(coalesce(parents, array(
            select d.parent from count_drift as d where d.counter = '${c.parent}.${c.count}'
        )));
    end if;
% endfor
end;
$$;

revoke execute on function repair_counts(text, text[]) from public;

comment on function repair_counts(text, text[]) is
    'Recounts every count that drifts, or the given counts, and returns the wrong ones.';
