-- The views, functions and tables that each view or function needs. The rule of a view and the
-- returned row of a function show them.
with installed (class, oid, name) as (
    select 'pg_class'::regclass, c.oid, c.relname::text
    from pg_class as c
    inner join pg_namespace as n on n.oid = c.relnamespace
    where n.nspname = %(schema)s and c.relkind in ('r', 'v', 'm')
    union all
    select 'pg_proc'::regclass, p.oid, format('%%s(%%s)', p.proname, oidvectortypes(p.proargtypes))
    from pg_proc as p
    inner join pg_namespace as n on n.oid = p.pronamespace
    where n.nspname = %(schema)s
)

select i.name, needed.name
from installed as i
inner join pg_rewrite as r on r.ev_class = i.oid and i.class = 'pg_class'::regclass
inner join pg_depend as d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
inner join installed as needed on needed.class = d.refclassid and needed.oid = d.refobjid
where needed.oid <> i.oid
union
select i.name, needed.name
from installed as i
inner join pg_depend as d on d.classid = i.class and d.objid = i.oid
inner join pg_type as t on d.refclassid = 'pg_type'::regclass
    and t.oid = d.refobjid
inner join installed as needed on needed.class = 'pg_class'::regclass and needed.oid = t.typrelid
where needed.oid <> i.oid
union
select i.name, needed.name
from installed as i
inner join pg_depend as d on d.classid = i.class and d.objid = i.oid
inner join installed as needed on needed.class = d.refclassid and needed.oid = d.refobjid
where i.class = 'pg_proc'::regclass and needed.oid <> i.oid
