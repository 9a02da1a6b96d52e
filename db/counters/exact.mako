<%doc>
    A count, exact: settled plus pending. Where nothing at all is pending, one InitPlan finds that
    out and no row pays for it; it names the key, so that it asks the index.
</%doc>
<%def name="exact(row, count)">${row}.${count} + case
        when (select exists(select from count_changes where count_key > 0)) then coalesce((
            select sum(p.delta) from count_changes as p where p.count_key = ${row}.${count}_key
        ), 0)::bigint
        else 0
    end as ${count}</%def>
