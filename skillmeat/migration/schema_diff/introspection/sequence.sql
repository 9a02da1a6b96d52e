select
    c.relname as name,
    jsonb_build_object(
        'identity', format('%%I.%%I', n.nspname, c.relname),
        'settings', format(
            'as %%s increment by %%s minvalue %%s maxvalue %%s start with %%s cache %%s %%s',
            format_type(s.seqtypid, null), s.seqincrement, s.seqmin, s.seqmax, s.seqstart,
            s.seqcache, case when s.seqcycle then 'cycle' else 'no cycle' end
        ),
        'owner', c.relowner::regrole::text,
        'comment', obj_description(c.oid, 'pg_class'),
        'is of a column', i.refobjid is not null,
        'column', (
            select format('%%s.%%s', t.relname, a.attname)
            from pg_attribute as a
            inner join pg_class as t on t.oid = a.attrelid
            where a.attrelid = i.refobjid and a.attnum = i.refobjsubid
        ),
        'grants', (
            select coalesce(jsonb_agg(jsonb_build_array(
                case
                    when g.grantee = 0 then 'PUBLIC'
                    when g.grantee = c.relowner then '<owner>'
                    else g.grantee::regrole::text
                end, g.privilege_type, g.is_grantable
            )), '[]')
            from aclexplode(coalesce(c.relacl, acldefault('s', c.relowner))) as g
        )
    ) as facts
from pg_sequence as s
inner join pg_class as c on c.oid = s.seqrelid
inner join pg_namespace as n on n.oid = c.relnamespace
left join pg_depend as i
    on i.classid = 'pg_class'::regclass and i.objid = c.oid and i.deptype = 'i'
where n.nspname = %(schema)s
