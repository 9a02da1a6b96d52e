-- Names what a copy has: at the same revision, both have the same.
select case c.relkind
    when 'i' then 'index' when 'S' then 'sequence'
    when 'v' then 'view' when 'm' then 'view' else 'table'
end || ' ' || c.relname
from pg_class as c
where c.relnamespace = quote_ident(current_schema())::regnamespace and c.relkind <> 'c'
union all
select 'column ' || c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
from pg_attribute as a
inner join pg_class as c on c.oid = a.attrelid
where
    c.relnamespace = quote_ident(current_schema())::regnamespace
    and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
union all
select 'function ' || p.oid::regprocedure::text from pg_proc as p
where p.pronamespace = quote_ident(current_schema())::regnamespace and p.proname <> 'refuse_writes'
union all
select 'trigger ' || c.relname || '.' || t.tgname
from pg_trigger as t
inner join pg_class as c on c.oid = t.tgrelid
where
    c.relnamespace = quote_ident(current_schema())::regnamespace
    and not t.tgisinternal and t.tgname <> 'refuse_writes'
