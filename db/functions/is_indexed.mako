<%doc>
    Whether the snapshot, whose oid is the SQL expression `snapshot`, has a valid unique index on its ids:
    pages and REFRESH … CONCURRENTLY need it. The refresher and the refresh must agree on that, or the
    refresher would ask for a refresh again and again.
</%doc>
<%def name="is_indexed(snapshot)">exists (
            select
            from pg_index as i
            where
                i.indrelid = ${snapshot}
                and i.indisunique
                and i.indisvalid
                and i.indpred is null
                and i.indnkeyatts = 1
                and i.indkey[0] = 1
        )</%def>
