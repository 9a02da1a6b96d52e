select
    format('%%s.%%s', coalesce(c.relname, t.typname), k.conname) as name,
    jsonb_build_object(
        'relation', c.relname,
        'domain', t.typname,
        'of', case
            when c.relname is null then format('domain %%I.%%I', n.nspname, t.typname)
            else format('table %%I.%%I', n.nspname, c.relname)
        end,
        'constraint', quote_ident(k.conname),
        'is foreign', k.contype = 'f',
        'is a check', k.contype = 'c',
        'is key', k.contype in ('p', 'u', 'x'),
        'definition', pg_get_constraintdef(k.oid),
        'rests on', case when k.contype = 'f' then k.conindid::regclass::text end,
        'identity', case when k.contype in ('p', 'u', 'x') then k.conindid::regclass::text end,
        'index is valid', i.indisvalid and i.indisready,
        'comment', obj_description(k.oid, 'pg_constraint'),
        -- A foreign key is enforced by triggers that a superuser can disable.
        'disabled triggers', case when k.contype = 'f' then (
            select count(*) from pg_trigger as g where g.tgconstraint = k.oid and g.tgenabled <> 'O'
        ) end
    ) as facts
from pg_constraint as k
inner join pg_namespace as n on n.oid = k.connamespace
left join pg_class as c on c.oid = k.conrelid
left join pg_type as t on t.oid = k.contypid
left join pg_index as i on i.indexrelid = k.conindid and k.contype in ('p', 'u', 'x')
where
    n.nspname = %(schema)s
    and k.contype not in ('t', 'n')
    and (%(relations)s::text[] is null or c.oid is null or c.relname = any(%(relations)s))
