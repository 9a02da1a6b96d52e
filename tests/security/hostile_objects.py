"""Hostile objects with every name that our functions and views use; each raises when used."""

from typing import Final, LiteralString

from psycopg import Connection

# All words in the bodies of our functions and views.
WORDS: Final = """
create temp table used on commit drop as
select distinct word[1] as word
from (
    select prosrc from pg_proc where pronamespace = 'skillmeat'::regnamespace
    union all
    select pg_get_viewdef(oid) from pg_class
    where relnamespace = 'skillmeat'::regnamespace and relkind in ('v', 'm')
) as bodies (body)
cross join lateral regexp_matches(body, '[a-z_0-9]+', 'g') as word;
"""

# Of those that take any type, one that takes text and one that takes bigint: a better match.
CONCRETE: Final = """
create function pg_temp.concrete(types oid[], element text) returns text[] language sql as $$
    select coalesce(array_agg(
        case
            when t::regtype::text ~ '^any.*array$' then element || '[]'
            when t::regtype::text in (
                '"any"', 'anyelement', 'anynonarray', 'anycompatible', 'anycompatiblenonarray'
            ) then element
            else 'pg_catalog.' || (select quote_ident(typname) from pg_type where oid = t)
        end
        order by n
    ), '{}')
    from unnest(types) with ordinality as listed (t, n)
$$;
"""

FUNCTIONS: Final = """
do $do$
declare
    f record;
begin
    for f in
        select distinct
            p.proname,
            array_to_string(pg_temp.concrete(p.proargtypes::oid[], e), ', ') as args
        from pg_proc as p
        cross join unnest(array['text', 'bigint']) as e
        where
            p.proname in (select word from used)
            and p.prokind in ('f', 'a', 'w')
            and p.pronamespace in ('pg_catalog'::regnamespace, 'skillmeat'::regnamespace)
            and not exists (
                select from unnest(p.proargtypes) as a (type)
                where a.type::regtype::text in ('internal', 'cstring', '"char"')
            )
    loop
        execute format(
            'create function evil.%I(%s) returns text language plpgsql as '
            '$body$ begin raise exception ''captured %I''; end $body$',
            f.proname, f.args, f.proname
        );
    end loop;
end;
$do$;
"""

OPERATORS: Final = """
do $do$
declare
    o record;
begin
    for o in
        select distinct
            oprname,
            pg_temp.concrete(array[oprleft, oprright], e) as args
        from pg_operator
        cross join unnest(array['text', 'bigint']) as e
        where
            oprname in ('=', '<>', '<', '<=', '>', '>=', '+', '-', '*', '/', '||', '@@', '~', '!~')
            and oprleft <> 0
            and oprright::regtype::text in (
                'text', 'bigint', 'integer', 'boolean', 'oid', 'name', 'xid', 'numeric', 'tsvector',
                'tsquery', 'jsonb', 'anyarray', 'anycompatiblearray', 'anycompatible', 'interval',
                'timestamp with time zone', 'double precision'
            )
            and oprleft::regtype::text not in ('point', 'date', 'money', '"char"')
    loop
        execute format(
            'create or replace function evil.operator_of(%s, %s) '
            'returns boolean language plpgsql as '
            '$body$ begin raise exception ''captured an operator''; end $body$',
            o.args[1], o.args[2]
        );
        -- Two of pg_catalog's become one where any type gives way to text.
        begin
            execute format(
                'create operator evil.%s '
                '(leftarg = %s, rightarg = %s, function = evil.operator_of)',
                o.oprname, o.args[1], o.args[2]
            );
        exception
            when duplicate_function then null;
        end;
    end loop;
end;
$do$;
"""

# In a schema of its own, and as temporary ones. A view that raises when it is read, and cannot be
# written to.
RELATIONS: Final = """
do $do$
declare
    r record;
    place text;
begin
    for r in
        select
            c.relname as name,
            string_agg(
                format('evil.capture(%L)::%s as %I', c.relname, format_type(a.atttypid, null),
                    a.attname),
                ', ' order by a.attnum
            ) as columns
        from pg_class as c
        inner join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0
        where c.relnamespace = 'skillmeat'::regnamespace and c.relkind in ('r', 'v', 'm', 'S')
        group by c.relname
        union all
        select name, format('evil.capture(%L) as collection_id', name)
        from unnest(array['new_rows', 'old_rows']) as n (name)
        union all
        select relname, format('evil.capture(%L) as oid', relname) from pg_class
        where
            relnamespace = 'pg_catalog'::regnamespace
            and relname in (select word from used)
    loop
        foreach place in array array['view evil', 'temp view pg_temp'] loop
            execute format('create %s.%I as select %s', place, r.name, r.columns);
        end loop;
    end loop;
end;
$do$;
"""

# Last, because from here on `text` means another type.
TYPES: Final = """
do $do$
declare
    name text;
begin
    for name in
        select typname from pg_type
        where
            (typname in (select word from used) or typnamespace = 'skillmeat'::regnamespace)
            and typname not in (
                select relname from pg_class where relnamespace = 'evil'::regnamespace
            )
            and typnamespace in ('pg_catalog'::regnamespace, 'skillmeat'::regnamespace)
            and typtype in ('b', 'd')
    loop
        execute format('create domain evil.%I as pg_catalog.bool check (not value)', name);
        execute format('create domain pg_temp.%I as pg_catalog.bool check (not value)', name);
    end loop;
end;
$do$;
"""

CAPTURE: Final = """
create function evil.capture(name text) returns text language plpgsql as $$
begin
    raise exception 'captured %', name;
end
$$;
"""

PATH: Final = "set search_path = pg_temp, evil, pg_catalog, skillmeat"

STEPS: Final[tuple[LiteralString, ...]] = (
    WORDS,
    CONCRETE,
    CAPTURE,
    FUNCTIONS,
    OPERATORS,
    RELATIONS,
    TYPES,
    PATH,
)


def create_hostile_objects(conn: Connection) -> None:
    """Create the objects in the caller's schema `evil`, and put it first in the search path."""
    for step in STEPS:
        conn.execute(step)
