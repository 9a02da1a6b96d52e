select
    format('%%s.%%s', c.relname, a.attname) as name,
    jsonb_build_object(
        'relation', c.relname,
        'of', format('%%I.%%I', n.nspname, c.relname),
        'column', quote_ident(a.attname),
        'is of a table', c.relkind = 'r',
        'type', format_type(a.atttypid, a.atttypmod),
        'collation', nullif(a.attcollation, 0)::regcollation,
        -- From 18 on a NOT NULL may be unproved.
        'not null', a.attnotnull and not exists (
            select
            from pg_constraint as k
            where
                k.conrelid = c.oid and k.contype = 'n' and k.conkey = array[a.attnum]
                and not k.convalidated
        ),
        'default', case a.attgenerated when '' then pg_get_expr(d.adbin, d.adrelid) end,
        'generated', case when a.attgenerated <> '' then
            a.attgenerated::text || ' ' || pg_get_expr(d.adbin, d.adrelid)
        end,
        'identity', case a.attidentity when 'a' then 'always' when 'd' then 'by default' end,
        'comment', col_description(c.oid, a.attnum),
        'grants', (
            select coalesce(jsonb_agg(jsonb_build_array(
                case
                    when g.grantee = 0 then 'PUBLIC'
                    when g.grantee = c.relowner then '<owner>'
                    else g.grantee::regrole::text
                end, g.privilege_type, g.is_grantable
            )), '[]')
            from aclexplode(a.attacl) as g
        )
    ) as facts
from pg_class as c
inner join pg_namespace as n on n.oid = c.relnamespace
inner join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
left join pg_attrdef as d on d.adrelid = c.oid and d.adnum = a.attnum
where
    n.nspname = %(schema)s
    and c.relkind in ('r', 'v', 'm')
    and (%(relations)s::text[] is null or c.relname = any(%(relations)s))
