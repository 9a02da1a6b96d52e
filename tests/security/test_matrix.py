"""Every role against every object and privilege, as the catalogue knows them."""

import pytest
from psycopg import Connection

from tests.security.conftest import Owned
from tests.security.matrix import LETTERS, POSSIBLE, ROLES, Privileges, expected

OBJECTS = """
with here as (select current_schema()::regnamespace as id)

select 'schema' as kind, nspname::text as object, n.oid
from pg_namespace as n, here where n.oid = here.id
union all
select
    case relkind when 'r' then 'table' when 'v' then 'view' when 'm' then 'snapshot' when 'S'
        then 'sequence' else relkind::text end,
    relname, c.oid
from pg_class as c, here
where relnamespace = here.id and relkind not in ('i', 't')
union all
select 'domain', typname, t.oid
from pg_type as t, here where typnamespace = here.id and typtype not in ('c', 'b')
union all
select case when prorettype = 'trigger'::regtype then 'trigger' else 'function' end,
    p.oid::regprocedure::text, p.oid
from pg_proc as p, here where pronamespace = here.id
"""
COLUMNS = """
select c.oid, c.relname, a.attname
from pg_class as c
inner join pg_attribute as a on a.attrelid = c.oid
where
    c.relnamespace = current_schema()::regnamespace
    and c.relkind in ('r', 'v', 'm')
    and a.attnum > 0 and not a.attisdropped
"""
GRANTS = """
select a.*
from (
    select relacl from pg_class where relnamespace = current_schema()::regnamespace
    union all
    select nspacl from pg_namespace where oid = current_schema()::regnamespace
    union all
    select proacl from pg_proc where pronamespace = current_schema()::regnamespace
    union all
    select typacl from pg_type where typnamespace = current_schema()::regnamespace
    union all
    select attacl from pg_attribute as a inner join pg_class as c on c.oid = a.attrelid
    where c.relnamespace = current_schema()::regnamespace
) as lists (acl)
cross join lateral aclexplode(lists.acl) as a
"""
GRANTEES = f"select distinct pg_get_userbyid(g.grantee) from ({GRANTS}) as g"
OWNERS = """
select distinct pg_get_userbyid(owner)
from (
    select relowner from pg_class where relnamespace = current_schema()::regnamespace
    union all select nspowner from pg_namespace where oid = current_schema()::regnamespace
    union all select proowner from pg_proc where pronamespace = current_schema()::regnamespace
    union all select typowner from pg_type where typnamespace = current_schema()::regnamespace
) as owners (owner)
"""
KINDS = """
select distinct classid::regclass::text from pg_depend
where refclassid = 'pg_namespace'::regclass and refobjid = current_schema()::regnamespace
"""
PATHS = """
select distinct coalesce(
    (select setting from unnest(proconfig) as s (setting) where setting like 'search_path=%'),
    proname
)
from pg_proc where pronamespace = current_schema()::regnamespace
"""
FUNCTIONS = {
    "schema": "has_schema_privilege",
    "table": "has_table_privilege",
    "view": "has_table_privilege",
    "snapshot": "has_table_privilege",
    "sequence": "has_sequence_privilege",
    "domain": "has_type_privilege",
    "function": "has_function_privilege",
    "trigger": "has_function_privilege",
}


def columns(conn: Connection) -> dict[str, list[str]]:
    """Return the columns of each relation."""
    found: dict[str, list[str]] = {}
    for _, relation, column in conn.execute(COLUMNS):
        found.setdefault(relation, []).append(column)
    return found


def actual(conn: Connection, role: str) -> Privileges:
    """Return the privileges of a role on each object, as the system catalogs list them."""
    has_maintain = conn.info.server_version >= 170000
    found: Privileges = {}
    for kind, name, oid in conn.execute(OBJECTS).fetchall():
        possible = POSSIBLE[kind].replace("m", "m" if has_maintain else "")
        found[kind, name] = letters(
            conn, f"{FUNCTIONS[kind]}(%s, %s::oid, letter)", (role, oid), possible
        )
    for oid, relation, column in conn.execute(COLUMNS).fetchall():
        found["column", f"{relation}.{column}"] = letters(
            conn, "has_column_privilege(%s, %s::oid, %s, letter)", (role, oid, column), "rawx"
        )
    return found


def letters(conn: Connection, asked: str, given: tuple[object, ...], possible: str) -> str:
    """Return the letters of the privileges that a role has."""
    names = [LETTERS[each] for each in possible]
    held = conn.execute(
        f"select {asked} from unnest(%s::text[]) with ordinality as l (letter, n) order by n",
        (*given, names),
    ).fetchall()
    return "".join(each for each, (has,) in zip(possible, held, strict=True) if has)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_has_the_privileges_of_the_matrix_and_no_other(owned: Owned, role: str) -> None:
    with owned.connect("owner") as conn:
        has_maintain = conn.info.server_version >= 170000
        wanted = expected(role, columns(conn), has_maintain=has_maintain)

        found = actual(conn, getattr(owned, role, role))

    assert found == wanted


def test_only_the_owner_the_groups_and_public_have_privileges(owned: Owned) -> None:
    with owned.connect("owner") as conn:
        grantees = {name for (name,) in conn.execute(GRANTEES)}

    assert grantees == {owned.owner, "skillmeat_app", "skillmeat_reader"}


def test_no_role_may_grant_its_privileges(owned: Owned) -> None:
    with owned.connect("owner") as conn:
        passed_on = conn.execute(f"select * from ({GRANTS}) as g where g.is_grantable").fetchall()

    assert passed_on == []


def test_every_object_belongs_to_the_role_that_migrated(owned: Owned) -> None:
    with owned.connect("owner") as conn:
        owners = {name for (name,) in conn.execute(OWNERS)}

    assert owners == {owned.owner}


def test_the_matrix_lists_every_object_of_the_schema(owned: Owned) -> None:
    with owned.connect("owner") as conn:
        kinds = {name for (name,) in conn.execute(KINDS)}

    assert kinds == {"pg_class", "pg_proc", "pg_type"}


def test_every_security_definer_function_has_a_fixed_search_path(owned: Owned) -> None:
    with owned.connect("owner") as conn:
        paths = {path.replace(" ", "").replace('"', "") for (path,) in conn.execute(PATHS)}

    assert paths == {"search_path=skillmeat,pg_temp"}


def test_pg_catalog_comes_before_the_schema_in_that_search_path(owned: Owned) -> None:
    with owned.connect("app") as conn:
        (path,) = conn.execute("select current_schemas(true)").fetchone() or ([],)

    assert path == ["pg_catalog", "skillmeat"]
