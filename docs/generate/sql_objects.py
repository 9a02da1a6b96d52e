"""Render every object of a migrated schema, from its comments."""

from itertools import groupby
from typing import Any, LiteralString

from docs.generate.markdown import one_line, table
from skillmeat.database.connection import connect

_RELATIONS: LiteralString = """
select c.relname, c.relkind::text, obj_description(c.oid, 'pg_class')
from pg_class as c
where c.relnamespace = current_schema::regnamespace and c.relkind in ('r', 'v', 'm')
    and c.relname <> 'alembic_version'
order by c.relname collate "C"
"""
_COLUMNS: LiteralString = """
select
    c.relname,
    a.attname,
    regexp_replace(format_type(a.atttypid, a.atttypmod), '^"?' || current_schema || '"?[.]', ''),
    coalesce(col_description(c.oid, a.attnum), '')
from pg_class as c
join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where c.relnamespace = current_schema::regnamespace and c.relkind in ('r', 'v', 'm')
order by c.relname collate "C", a.attnum
"""
_OF_TABLES: LiteralString = """
select o.relation, o.kind, o.name, o.comment
from (
    select
        c.relname as relation,
        'constraint' as kind,
        k.conname as name,
        coalesce(
            obj_description(k.oid, 'pg_constraint'), '`' || pg_get_constraintdef(k.oid) || '`'
        ) as comment
    from pg_constraint as k
    join pg_class as c on c.oid = k.conrelid
    where c.relnamespace = current_schema::regnamespace and k.contype not in ('n', 't')
    union all
    select
        c.relname,
        'index',
        i.relname,
        coalesce(
            obj_description(i.oid, 'pg_class'),
            '`' || regexp_replace(pg_get_indexdef(i.oid), '^.* USING ', '') || '`'
        )
    from pg_index as x
    join pg_class as c on c.oid = x.indrelid
    join pg_class as i on i.oid = x.indexrelid
    where c.relnamespace = current_schema::regnamespace
        and not exists (
            select from pg_constraint as k where k.conindid = i.oid and k.conrelid = c.oid
        )
    union all
    select c.relname, 'trigger', t.tgname, obj_description(t.oid, 'pg_trigger')
    from pg_trigger as t
    join pg_class as c on c.oid = t.tgrelid
    where c.relnamespace = current_schema::regnamespace and not t.tgisinternal
) as o
order by o.relation collate "C", o.kind, o.name collate "C"
"""
_FUNCTIONS: LiteralString = """
select
    p.proname || '(' || pg_get_function_arguments(p.oid) || ')',
    pg_get_function_result(p.oid),
    obj_description(p.oid, 'pg_proc')
from pg_proc as p
where p.pronamespace = current_schema::regnamespace
order by p.proname collate "C", 1
"""
_DOMAINS: LiteralString = """
select t.typname, format_type(t.typbasetype, t.typtypmod), obj_description(t.oid, 'pg_type')
from pg_type as t
where t.typnamespace = current_schema::regnamespace and t.typtype = 'd'
order by t.typname collate "C"
"""
_KINDS = (("r", "Tables"), ("v", "Views"), ("m", "Materialized views"))


def render_schema(url: str) -> str:
    """Render the schema of the migrated database at `url`."""
    with connect(url, autocommit=True) as conn:
        relations, columns, of_tables, functions, domains = (
            conn.execute(statement).fetchall()
            for statement in (_RELATIONS, _COLUMNS, _OF_TABLES, _FUNCTIONS, _DOMAINS)
        )
    by_name = {name: list(rows) for name, rows in groupby(columns, key=lambda row: row[0])}
    belongings = {name: list(rows) for name, rows in groupby(of_tables, key=lambda row: row[0])}
    parts = []
    for kind, heading in _KINDS:
        parts.append(f"## {heading}\n")
        for name, of_kind, comment in relations:
            if of_kind == kind:
                parts += [f"### {name}\n", f"{one_line(comment)}\n", _columns(by_name[name])]
                parts.append(_belongings(belongings.get(name, [])))
    callable_ = [row for row in functions if row[1] != "trigger"]
    triggers = [row for row in functions if row[1] == "trigger"]
    parts += ["## Functions\n", _described(("function", "returns", "meaning"), callable_)]
    parts += ["## Trigger functions\n", _described(("trigger function", "meaning"), triggers)]
    parts += ["## Domains\n", _described(("domain", "base type", "meaning"), domains)]
    return "\n".join(part for part in parts if part)


def _columns(rows: list[Any]) -> str:
    shown = [(f"`{name}`", f"`{kind}`", one_line(comment)) for _, name, kind, comment in rows]
    return table(("column", "type", "meaning"), shown)


def _belongings(rows: list[Any]) -> str:
    shown = [(kind, f"`{name}`", one_line(comment)) for _, kind, name, comment in rows]
    return table(("kind", "name", "meaning"), shown)


def _described(head: tuple[str, ...], rows: list[Any]) -> str:
    first = 2 if len(head) > len(("name", "meaning")) else 1
    shown = [(*(f"`{one_line(each)}`" for each in row[:first]), one_line(row[-1])) for row in rows]
    return table(head, shown)
