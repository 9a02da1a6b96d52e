select
    c.relname as name,
    jsonb_build_object(
        'identity', format('%%I.%%I', n.nspname, c.relname),
        'kind', case c.relkind
            when 'r' then 'table'
            when 'p' then 'partitioned table'
            when 'f' then 'foreign table'
            when 'v' then 'view'
            when 'm' then 'materialized view'
        end,
        'owner', c.relowner::regrole::text,
        'comment', obj_description(c.oid, 'pg_class'),
        'definition', case when c.relkind in ('v', 'm') then pg_get_viewdef(c.oid) end,
        'columns', case when c.relkind in ('v', 'm') then (
            select jsonb_agg(jsonb_build_array(
                quote_ident(a.attname), format_type(a.atttypid, a.atttypmod), a.attcollation::regcollation
            ) order by a.attnum)
            from pg_attribute as a
            where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        ) end,
        'options', (
            select coalesce(jsonb_object_agg(o.option_name, o.option_value), '{}')
            from (
                select * from pg_options_to_table(c.reloptions)
                union all
                select 'toast.' || toasted.option_name, toasted.option_value
                from pg_class as t, pg_options_to_table(t.reloptions) as toasted
                where t.oid = c.reltoastrelid
            ) as o
        ),
        'is logged', c.relpersistence <> 'u',
        'row security', c.relrowsecurity,
        'row security of its owner', c.relforcerowsecurity,
        'parents', (
            select coalesce(jsonb_agg(i.inhparent::regclass order by i.inhseqno), '[]')
            from pg_inherits as i
            where i.inhrelid = c.oid
        ),
        'children', (
            select coalesce(jsonb_agg(i.inhrelid::regclass order by i.inhrelid), '[]')
            from pg_inherits as i
            where i.inhparent = c.oid
        ),
        'grants', (
            select coalesce(jsonb_agg(jsonb_build_array(
                case
                    when g.grantee = 0 then 'PUBLIC'
                    when g.grantee = c.relowner then '<owner>'
                    else g.grantee::regrole::text
                end, g.privilege_type, g.is_grantable
            )), '[]')
            from aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) as g
        )
    ) as facts
from pg_class as c
inner join pg_namespace as n on n.oid = c.relnamespace
where
    n.nspname = %(schema)s
    and c.relkind in ('r', 'p', 'f', 'v', 'm')
    and (%(relations)s::text[] is null or c.relname = any(%(relations)s))
