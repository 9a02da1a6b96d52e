select
    n.nspname as name,
    jsonb_build_object(
        'identity', quote_ident(n.nspname),
        'owner', n.nspowner::regrole::text,
        -- These may trust the owner of the schema: members of that role, or all if it administers
        -- the database or the server. A superuser is a member of every role, and trusts none of them.
        'owners', (
            select coalesce(jsonb_agg(distinct c.relowner::regrole::text), '[]')
            from pg_class as c
            inner join pg_roles as r on r.oid = c.relowner
            cross join (
                select
                    o.rolsuper or exists (
                        select
                        from pg_database as d
                        where d.datname = current_database() and d.datdba = o.oid
                    ) as is_administrator
                from pg_roles as o
                where o.oid = n.nspowner
            ) as owner
            where
                c.relnamespace = n.oid
                and (
                    owner.is_administrator
                    or r.oid = n.nspowner
                    or not r.rolsuper and pg_has_role(r.oid, n.nspowner, 'usage')
                )
        ),
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
