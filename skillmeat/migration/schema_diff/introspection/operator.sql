select
    format('%%s (%%s, %%s)', o.oprname, o.oprleft::regtype, o.oprright::regtype) as name,
    jsonb_build_object('identity', o.oid::regoperator) as facts
from pg_operator as o
inner join pg_namespace as n on n.oid = o.oprnamespace
where
    n.nspname = %(schema)s
    and not exists (
        select
        from pg_depend as d
        where d.classid = 'pg_operator'::regclass and d.objid = o.oid and d.deptype = 'e'
    )
