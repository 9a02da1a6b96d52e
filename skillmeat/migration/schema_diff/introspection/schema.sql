select
    n.nspname as name,
    jsonb_build_object(
        'identity', quote_ident(n.nspname),
        'grants', (
            select coalesce(jsonb_agg(jsonb_build_array(
                case
                    when g.grantee = 0 then 'PUBLIC'
                    when g.grantee = n.nspowner then '<owner>'
                    else g.grantee::regrole::text
                end, g.privilege_type, g.is_grantable
            )), '[]')
            from aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) as g
        )
    ) as facts
from pg_namespace as n
where n.nspname = %(schema)s
