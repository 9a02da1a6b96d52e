select
    format('%%s.%%s', c.relname, r.rulename) as name,
    jsonb_build_object(
        'relation', c.relname,
        'rule', quote_ident(r.rulename),
        'of', format('%%I.%%I', n.nspname, c.relname)
    ) as facts
from pg_rewrite as r
inner join pg_class as c on c.oid = r.ev_class
inner join pg_namespace as n on n.oid = c.relnamespace
where
    n.nspname = %(schema)s
    and r.rulename <> '_RETURN'
    and (%(relations)s::text[] is null or c.relname = any(%(relations)s))
