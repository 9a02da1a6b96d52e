select
    c.relname as name,
    jsonb_build_object(
        'relation', r.relname,
        'identity', format('%%I.%%I', n.nspname, c.relname),
        'definition', pg_get_indexdef(c.oid),
        'is valid', i.indisvalid and i.indisready and i.indislive,
        'is unique', i.indisunique or i.indisexclusion,
        'comment', obj_description(c.oid, 'pg_class')
    ) as facts
from pg_index as i
inner join pg_class as c on c.oid = i.indexrelid
inner join pg_class as r on r.oid = i.indrelid
inner join pg_namespace as n on n.oid = r.relnamespace
where
    n.nspname = %(schema)s
    and (%(relations)s::text[] is null or r.relname = any(%(relations)s))
    and not exists (
        select
        from pg_constraint as k
        where k.conindid = c.oid and k.contype in ('p', 'u', 'x')
    )
