select
    format('%%s.%%s', c.relname, t.tgname) as name,
    jsonb_build_object(
        'relation', c.relname,
        'trigger', quote_ident(t.tgname),
        'of', format('%%I.%%I', n.nspname, c.relname),
        'definition', pg_get_triggerdef(t.oid),
        'fires', t.tgenabled,
        'comment', obj_description(t.oid, 'pg_trigger')
    ) as facts
from pg_trigger as t
inner join pg_class as c on c.oid = t.tgrelid
inner join pg_namespace as n on n.oid = c.relnamespace
where
    n.nspname = %(schema)s
    and not t.tgisinternal
    and (%(relations)s::text[] is null or c.relname = any(%(relations)s))
