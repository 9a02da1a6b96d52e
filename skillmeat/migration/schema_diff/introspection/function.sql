select
    format('%%s(%%s)', p.proname, oidvectortypes(p.proargtypes)) as name,
    jsonb_build_object(
        'identity', format('%%I.%%I(%%s)', n.nspname, p.proname, oidvectortypes(p.proargtypes)),
        'called', p.proname,
        'hides one of PostgreSQL', exists (
            select
            from pg_proc as b
            where b.proname = p.proname and b.pronamespace = 'pg_catalog'::regnamespace
        ),
        'kind', case p.prokind
            when 'p' then 'procedure' when 'a' then 'aggregate' else 'function'
        end,
        'definition', case when p.prokind <> 'a' then pg_get_functiondef(p.oid) end,
        'arguments', pg_get_function_arguments(p.oid),
        'result', pg_get_function_result(p.oid),
        'body', case when p.prokind <> 'a' then coalesce(pg_get_function_sqlbody(p.oid), p.prosrc) end,
        'language', (select l.lanname from pg_language as l where l.oid = p.prolang),
        'security', case when p.prosecdef then 'definer' else 'invoker' end,
        'settings', (
            select coalesce(jsonb_object_agg(o.option_name, (
                select jsonb_agg(btrim(part, ' "'))
                from unnest(string_to_array(o.option_value, ',')) as part
            )), '{}')
            from pg_options_to_table(p.proconfig) as o
        ),
        'volatility', p.provolatile,
        'parallel', p.proparallel,
        'is strict', p.proisstrict,
        'is leakproof', p.proleakproof,
        'cost', p.procost,
        'rows', p.prorows,
        'owner', p.proowner::regrole::text,
        'comment', obj_description(p.oid, 'pg_proc'),
        'grants', (
            select coalesce(jsonb_agg(jsonb_build_array(
                case
                    when g.grantee = 0 then 'PUBLIC'
                    when g.grantee = p.proowner then '<owner>'
                    else g.grantee::regrole::text
                end, g.privilege_type, g.is_grantable
            )), '[]')
            from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as g
        )
    ) as facts
from pg_proc as p
inner join pg_namespace as n on n.oid = p.pronamespace
where
    n.nspname = %(schema)s
    and not exists (
        select
        from pg_depend as d
        where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
    )
