"""What would stop a move, found before anything is created: one line each, with the remedy."""

from contextlib import suppress
from pathlib import Path
from typing import Final

from psycopg.sql import SQL, Identifier
from psycopg.sql import Literal as Quoted

from skillmeat import migration
from skillmeat.database.query import Conn, fetch_scalar, fetch_tuples
from skillmeat.errors import DatabaseError, NotAllowed, SkillMeatError, translate_errors
from skillmeat.migration.environment import Report
from skillmeat.moving.publications import INSERT_ONLY_TABLES, list_copied_tables
from skillmeat.moving.replication import try_to_subscribe
from skillmeat.moving.side import Side, run

NOT_OWNED: Final = """
    select quote_ident(c.relname), quote_ident(current_user)
    from pg_class as c
    where c.oid = any (%(tables)s::regclass[]) and not pg_has_role(c.relowner, 'usage')
    limit 1
"""
NOT_IDENTIFIED: Final = """
    select quote_ident(c.relname)
    from pg_class as c
    where
        c.oid = any (%(tables)s::regclass[])
        and (
            c.relreplident = 'n'
            or c.relreplident = 'd'
            and not exists (select from pg_index as i where i.indrelid = c.oid and i.indisprimary)
        )
    limit 1
"""
IS_EMPTY: Final = """
    select not exists (
        select from pg_class as c where c.relnamespace = to_regnamespace(quote_ident(%(schema)s))
    )
"""
TRY_LOCK: Final = "select pg_try_advisory_lock(%(key)s)"
UNLOCK: Final = "select pg_advisory_unlock(%(key)s)"
DRAW_KEY: Final = "select hashtextextended(gen_random_uuid()::text, 0)"
# Logins that read or write through the group roles.
LOGINS: Final = """
    select m.rolname::text, g.rolname::text
    from pg_auth_members as a
    inner join pg_roles as g on g.oid = a.roleid
    inner join pg_roles as m on m.oid = a.member
    where g.rolname = any (array[%(schema)s || '_app', %(schema)s || '_reader'])
    order by 1, 2
"""
OWNER: Final = "select pg_get_userbyid(nspowner)::text from pg_namespace where nspname = %(schema)s"
USER: Final = "select current_user::text"
MAY_ACT_AS: Final = "select pg_has_role(%(role)s, 'member')"
GROUP_ROLES: Final = ("_app", "_reader")
CREATE_ROLE: Final = SQL("create role {} nologin")
# Roles with a privilege that neither the owner nor a group role passes on.
GRANTEES: Final = """
    select string_agg(
        distinct case g.grantee when 0 then 'public' else g.grantee::regrole::text end, ', '
    )
    from pg_class as c
    inner join pg_namespace as n on n.oid = c.relnamespace
    cross join aclexplode(c.relacl) as g
    where
        n.nspname = %(schema)s
        and g.grantee <> c.relowner
        and not exists (
            select from pg_roles as r
            where
                r.oid = g.grantee
                and r.rolname = any (array[%(schema)s || '_app', %(schema)s || '_reader'])
        )
"""
HAS_ROLE: Final = "select exists (select from pg_roles as r where r.rolname = %(role)s)"
GRANT: Final = SQL("""
    do $grant$
    begin
        if not pg_has_role({member}, {group}, 'member') then
            grant {group_name} to {member_name};
        end if;
    end;
    $grant$
""")


def refuse_unsuitable_old_copy(old: Side) -> None:
    """Raise `SkillMeatError` if the old server or its catalogue cannot be moved from."""
    status = migration.get_status(url=old.url, schema=old.schema)
    if status.current is None:
        message = f"there is no catalogue in schema {old.schema!r} at {old.place}: correct --from"
        raise SkillMeatError(message)
    if not status.up_to_date:
        message = f"the old copy is at {status.current}: run `skillmeat migrate up` for it first"
        raise SkillMeatError(message)
    tables = {"tables": [f'"{each}"' for each in (*list_copied_tables(), *INSERT_ONLY_TABLES)]}
    for table, role in fetch_tuples(old.conn, NOT_OWNED, tables):
        message = (
            f"role {role} does not own {table} of the old copy: give the owner's URL by --from"
        )
        raise SkillMeatError(message)
    for (table,) in fetch_tuples(old.conn, NOT_IDENTIFIED, tables):
        message = (
            f"table {table} of the old copy has no replica identity: "
            f"run ALTER TABLE {table} REPLICA IDENTITY DEFAULT"
        )
        raise SkillMeatError(message)
    _refuse_problem(old, name="old")


def refuse_unsuitable_new_server(new: Side) -> None:
    """Raise `SkillMeatError` if the new server cannot receive a catalogue."""
    _refuse_problem(new, name="new")


def refuse_used_schema(new: Side) -> None:
    """Raise `SkillMeatError` if the schema of the new copy holds anything."""
    if not fetch_scalar(new.conn, IS_EMPTY, {"schema": new.schema}):
        message = (
            f"schema {new.schema!r} at {new.place} holds something already: drop or rename it first"
        )
        raise SkillMeatError(message)


def is_same_database(one: Conn, other: Conn) -> bool:
    """Return whether two sessions are in the same database of the same server."""
    key = {"key": fetch_scalar(one, DRAW_KEY, {})}
    fetch_scalar(one, TRY_LOCK, key)
    try:
        if fetch_scalar(other, TRY_LOCK, key):
            fetch_scalar(other, UNLOCK, key)
            return False
        return True
    finally:
        fetch_scalar(one, UNLOCK, key)


def refuse_unreachable_publisher(new: Side, *, publisher: str) -> None:
    """Raise `SkillMeatError` if the new server cannot connect to the old one."""
    try:
        try_to_subscribe(new, publisher=publisher)
    except DatabaseError as error:
        message = (
            f"the server at {new.place} cannot replicate from the old one: {error}: "
            "give the URL by which it reaches it as --publisher"
        )
        raise SkillMeatError(message) from error


def refuse_missing_logins(old: Side, new: Side) -> None:
    """Raise `SkillMeatError` if a role of the old copy's clients is missing on the new server."""
    missing = [
        login
        for login, _ in fetch_tuples(old.conn, LOGINS, {"schema": old.schema})
        if not fetch_scalar(new.conn, HAS_ROLE, {"role": login})
    ]
    if missing:
        message = (
            f"the server at {new.place} has no role {', '.join(sorted({*missing}))}, with which "
            "clients of the catalogue log in: create it there first"
        )
        raise SkillMeatError(message)


def choose_owner(old: Side, new: Side) -> str:
    """Return the role that will own the new copy: the old copy's owner, if that exists there.

    Raises `SkillMeatError` if the role of the new side may not act as that owner.
    """
    owner = str(fetch_scalar(old.conn, OWNER, {"schema": old.schema}))
    user = str(fetch_scalar(new.conn, USER, {}))
    if not fetch_scalar(new.conn, HAS_ROLE, {"role": owner}):
        return user
    if not fetch_scalar(new.conn, MAY_ACT_AS, {"role": owner}):
        message = (
            f"role {user} at {new.place} may not act as {owner}, which owns the old copy: "
            "grant it that role, or name another role in --to"
        )
        raise SkillMeatError(message)
    return owner


def create_group_roles(new: Side) -> None:
    """Create the group roles, if this role may; else the migration says who has to."""
    for suffix in GROUP_ROLES:
        name = f"{new.schema}{suffix}"
        if not fetch_scalar(new.conn, HAS_ROLE, {"role": name}):
            with suppress(NotAllowed):
                run(new.conn, CREATE_ROLE.format(Identifier(name)))


def report_grantees(old: Side, *, report: Report) -> None:
    """Report the roles whose privileges on single tables the new copy will not have."""
    if grantees := fetch_scalar(old.conn, GRANTEES, {"schema": old.schema}):
        report(
            f"privileges of {grantees} on tables are not moved: grant them again on the new copy"
        )


def grant_group_roles(old: Side, new: Side) -> None:
    """Give the clients' roles the same group roles on the new server."""
    for login, group in fetch_tuples(old.conn, LOGINS, {"schema": old.schema}):
        if fetch_scalar(new.conn, HAS_ROLE, {"role": group}):
            names = {"member_name": Identifier(login), "group_name": Identifier(group)}
            run(new.conn, GRANT.format(member=Quoted(login), group=Quoted(group), **names))


def refuse_other_objects(old: Side, new: Side) -> None:
    """Raise `SkillMeatError` if the old copy has what the new one lacks, or the reverse."""
    have, get = ({*_read_lines(each, "objects")} for each in (old, new))
    if have - get:
        message = (
            f"the old copy has what a move would leave behind: {', '.join(sorted(have - get))}: "
            "drop it, or move it to another schema"
        )
        raise SkillMeatError(message)
    if get - have:
        message = (
            f"the old copy lacks {', '.join(sorted(get - have))}: run `skillmeat migrate check`"
        )
        raise SkillMeatError(message)


def _read_lines(side: Side, name: str) -> list[str]:
    """Return the only column of a query in a file, in which no percent sign is special."""
    statement = (Path(__file__).parent / "sql" / f"{name}.sql").read_bytes()
    with translate_errors():
        return [line for (line,) in side.conn.execute(statement)]


def _refuse_problem(side: Side, *, name: str) -> None:
    for problem in _read_lines(side, f"{name}_server"):
        message = f"the {name} server, at {side.place}, {problem}"
        raise SkillMeatError(message)
