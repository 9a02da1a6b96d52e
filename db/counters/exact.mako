<%doc>
    A count, exact: settled plus pending. Where nothing at all is pending, one InitPlan finds that
    out and no row pays for it. It asks for the first, not for any, so that the planner asks the
    index and not a log full of holes.
</%doc>
<%def name="exact(row, count)">${row}.${count} + case
        when (
            select k.count_key from count_changes as k order by k.count_key limit 1
        ) is not null then coalesce((
            select sum(p.delta) from count_changes as p where p.count_key = ${row}.${count}_key
        ), 0)::bigint
        else 0
    end as ${count}</%def>
