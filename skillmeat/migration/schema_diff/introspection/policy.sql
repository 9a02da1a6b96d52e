select
    format('%%s.%%s', c.relname, p.polname) as name,
    jsonb_build_object(
        'relation', c.relname,
        'policy', quote_ident(p.polname),
        'of', format('%%I.%%I', n.nspname, c.relname)
    ) as facts
from pg_policy as p
inner join pg_class as c on c.oid = p.polrelid
inner join pg_namespace as n on n.oid = c.relnamespace
where
    n.nspname = %(schema)s
    and (%(relations)s::text[] is null or c.relname = any(%(relations)s))
