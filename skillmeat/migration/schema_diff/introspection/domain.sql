select
    t.typname as name,
    jsonb_build_object(
        'identity', format('%%I.%%I', n.nspname, t.typname),
        'type', format_type(t.typbasetype, t.typtypmod),
        'collation', nullif(t.typcollation, 0)::regcollation,
        'not null', t.typnotnull,
        'default', t.typdefault,
        'owner', t.typowner::regrole::text,
        'comment', obj_description(t.oid, 'pg_type'),
        'grants', (
            select coalesce(jsonb_agg(jsonb_build_array(
                case
                    when g.grantee = 0 then 'PUBLIC'
                    when g.grantee = t.typowner then '<owner>'
                    else g.grantee::regrole::text
                end, g.privilege_type, g.is_grantable
            )), '[]')
            from aclexplode(coalesce(t.typacl, acldefault('T', t.typowner))) as g
        )
    ) as facts
from pg_type as t
inner join pg_namespace as n on n.oid = t.typnamespace
where n.nspname = %(schema)s and t.typtype = 'd'
