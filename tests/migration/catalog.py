"""The objects of a schema, read from its catalog: equal objects mean equal schemas."""

from psycopg import Connection

# Each yields the name and the definition of an object, without schemas and object ids.
PARTS = {
    "column": """
        select c.relname || '.' || a.attname,
            concat_ws(' | ', format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
                a.attgenerated, pg_get_expr(d.adbin, d.adrelid), l.collname, c.relkind,
                array(select unnest(c.reloptions) order by 1), col_description(c.oid, a.attnum))
        from pg_class as c
        inner join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        left join pg_attrdef as d on d.adrelid = c.oid and d.adnum = a.attnum
        left join pg_collation as l on l.oid = a.attcollation
        where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'v', 'm')
    """,
    "relation": """
        select c.relname, concat_ws(' | ', c.relkind, obj_description(c.oid, 'pg_class'))
        from pg_class as c
        where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'v', 'm')
    """,
    "constraint": """
        select coalesce(c.conrelid::regclass::text, c.contypid::regtype::text) || '.' || c.conname,
            pg_get_constraintdef(c.oid)
        from pg_constraint as c
        where c.connamespace = current_schema()::regnamespace and c.contype not in ('t', 'n')
    """,
    "domain": """
        select t.typname, concat_ws(' | ', format_type(t.typbasetype, t.typtypmod), l.collname,
            t.typnotnull, obj_description(t.oid, 'pg_type'))
        from pg_type as t
        left join pg_collation as l on l.oid = t.typcollation
        where t.typnamespace = current_schema()::regnamespace and t.typtype = 'd'
    """,
    "index": """
        select indexname, indexdef from pg_indexes where schemaname = current_schema()
    """,
    "sequence": """
        select sequencename, concat_ws(' | ', data_type, start_value, increment_by, cache_size)
        from pg_sequences where schemaname = current_schema()
    """,
    "function": """
        select p.oid::regprocedure::text,
            concat_ws(' | ', pg_get_functiondef(p.oid), p.proacl::text,
                obj_description(p.oid, 'pg_proc'))
        from pg_proc as p
        where p.pronamespace = current_schema()::regnamespace
    """,
    "trigger": """
        select t.tgrelid::regclass || '.' || t.tgname,
            concat_ws(' | ', pg_get_triggerdef(t.oid), t.tgenabled,
                obj_description(t.oid, 'pg_trigger'))
        from pg_trigger as t
        inner join pg_class as c on c.oid = t.tgrelid
        where c.relnamespace = current_schema()::regnamespace and not t.tgisinternal
    """,
    "view": """
        select viewname, definition from pg_views where schemaname = current_schema()
    """,
    "grant": """
        select c.relname || coalesce('.' || a.attname, ''),
            coalesce(a.attacl, c.relacl)::text
        from pg_class as c
        left join pg_attribute as a on a.attrelid = c.oid and a.attacl is not null
        where c.relnamespace = current_schema()::regnamespace
            and c.relkind in ('r', 'v', 'm', 'S')
    """,
}


def catalog(conn: Connection, *, but: frozenset[str] = frozenset()) -> dict[str, str]:
    """Return the objects of the connection's schema by kind and name, without the kinds `but`."""
    return {
        f"{kind} {name}": str(told).replace("alembic_version", "")
        for kind, query in PARTS.items()
        if kind not in but
        for name, told in conn.execute(query)
        if not name.startswith("alembic_version")
    }
