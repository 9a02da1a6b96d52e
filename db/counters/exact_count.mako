<%doc>
    An exact count: settled plus pending. One InitPlan checks whether any count has a pending change;
    if none has, no row looks for its own. The InitPlan reads the first key with ORDER BY and LIMIT
    instead of EXISTS. That makes the planner use the index and not scan a table full of dead rows.
</%doc>
<%def name="exact_count(row, count)">${row}.${count} + case
        when (
            select k.count_key
            from count_changes as k
            order by k.count_key
            limit 1
        ) is not null then coalesce((
            select sum(p.delta)
            from count_changes as p
            where p.count_key = ${row}.${count}_key
        ), 0)::bigint
        else 0
    end</%def>
