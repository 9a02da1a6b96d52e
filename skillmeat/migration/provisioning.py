"""Create and drop a catalogue, with its schema, its group roles and its service.

The service is written first and removed last. So a service whose schema is not at the newest
revision marks a creation that was interrupted, and one without a schema marks such a drop.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from psycopg import ConnectionInfo
from psycopg.conninfo import make_conninfo

from skillmeat import settings
from skillmeat.database.connection import connect
from skillmeat.database.query import Conn, fetch_scalar
from skillmeat.database.revision_state import get_status, read_revision
from skillmeat.database.revisions import get_head
from skillmeat.errors import SkillMeatError, translate_errors
from skillmeat.migration.commands import downgrade, upgrade
from skillmeat.migration.environment import Report, log_warning, read_sql
from skillmeat.migration.session import BASE
from skillmeat.settings import services
from skillmeat.settings.services import Service

EXISTS: Final = "select to_regnamespace(quote_ident(%(schema)s)) is not null"
HOLDS_OBJECTS: Final = """
    select exists (
        select
        from pg_depend as d
        where
            d.refclassid = 'pg_namespace'::regclass
            and d.refobjid = to_regnamespace(quote_ident(%(schema)s))
    )
"""
# A view depends through its rule, and a table through a foreign key, a default or a trigger: the
# owner is what such an object belongs to.
DEPENDENTS: Final = """
    select string_agg(distinct named.identity, ', ')
    from pg_depend as d
    left join pg_depend as owner
        on owner.classid = d.classid
        and owner.objid = d.objid
        and owner.refclassid = 'pg_class'::regclass
        and owner.deptype in ('a', 'i')
    cross join pg_identify_object(
        coalesce(owner.refclassid, d.classid), coalesce(owner.refobjid, d.objid), 0
    ) as named
    where
        d.deptype = 'n'
        and d.refobjid in (
            select oid from pg_class where relnamespace = to_regnamespace(quote_ident(%(schema)s))
            union all
            select oid from pg_proc where pronamespace = to_regnamespace(quote_ident(%(schema)s))
            union all
            select oid from pg_type where typnamespace = to_regnamespace(quote_ident(%(schema)s))
        )
        and named.schema <> quote_ident(%(schema)s)
"""


def create_catalogue(
    name: str,
    parameters: Mapping[str, str],
    *,
    schema: str | None = None,
    report: Report = log_warning,
) -> Service:
    """Create a catalogue and its service, and return the service.

    `parameters` are libpq's, for the database and its owner; those that they lack come from the
    connection. The schema has the name of the service unless it is given, and must be empty or
    missing. An interrupted call can be repeated. Raises `SkillMeatError`, and then leaves neither
    service nor schema behind, unless a revision has been reached.
    """
    services.check_service_name(name)
    chosen = settings.get_schema(schema or name)
    with connect(make_conninfo("", **parameters), schema=chosen, autocommit=True) as conn:
        target = _complete(parameters, conn.info, schema=chosen)
        with translate_errors():
            revision = read_revision(conn, schema=chosen)
        holds_objects = fetch_scalar(conn, HOLDS_OBJECTS, {"schema": chosen})
    known = services.find_service(name)
    if known is not None:
        _refuse_known(known, target, revision)
    elif holds_objects:
        message = (
            f"schema {chosen!r} of database {target['dbname']!r} is not empty: choose another "
            "name, or write a service for the catalogue that it holds"
        )
        raise SkillMeatError(message)
    else:
        services.write_service(name, target)
    service = services.get_service(name)
    try:
        upgrade(url=service.url, schema=chosen, report=report)
    except SkillMeatError:
        with suppress(SkillMeatError):
            if get_status(url=service.url, schema=chosen).current is None:
                services.remove_service(name)
        raise
    return service


def drop_catalogue(service: Service, *, report: Report = log_warning) -> None:
    """Drop the catalogue of a service, its group roles, then the service.

    Each revision is undone in a transaction of its own, so no server runs out of locks. What else
    the schema holds stays, and is reported. An interrupted call can be repeated. Raises
    `SkillMeatError` for a schema without a catalogue, and before anything is dropped if objects
    outside the schema depend on it. A service that a move has changed meanwhile stays.
    """
    schema = settings.get_schema(service.schema)
    with connect(service.url, schema=schema, autocommit=True) as conn:
        exists = fetch_scalar(conn, EXISTS, {"schema": schema})
        with translate_errors():
            revision = read_revision(conn, schema=schema)
        if revision is not None:
            _refuse_dependents(conn, schema)
        elif exists:
            _drop_empty_schema(conn, service, schema)
    if revision is not None:
        if revision != get_head():
            # An interrupted upgrade may have left objects of the next revision.
            upgrade("+1", url=service.url, schema=schema, report=report)
        downgrade(BASE, url=service.url, schema=schema, report=report)
    if services.find_service(service.name) not in (service, None):
        # A move holds the lock that the downgrade has waited for.
        message = (
            f"service {service.name!r} has changed meanwhile, and leads to another copy: "
            "run this again to drop that"
        )
        raise SkillMeatError(message)
    services.remove_service(service.name)


def _complete(
    parameters: Mapping[str, str], info: ConnectionInfo, *, schema: str
) -> dict[str, str]:
    """Return the parameters of the service, which depend on no environment variable."""
    options = services.remove_search_path(parameters.get("options", ""))
    search_path = settings.build_search_path_option(schema)
    has_host = "host" in parameters or "hostaddr" in parameters
    return {
        **({} if has_host else {"host": info.host}),
        "port": str(info.port),
        "dbname": info.dbname,
        "user": info.user,
        **parameters,
        "options": f"{options} {search_path}".strip(),
    }


def _refuse_known(service: Service, target: Mapping[str, str], revision: str | None) -> None:
    """Refuse a service, unless an interrupted creation of the same catalogue has written it."""
    if service.parameters != target:
        message = (
            f"there is a service {service.name!r} already, and it does not name this catalogue: "
            f"choose another name, or run `skillmeat --service {service.name} migrate up`"
        )
        raise SkillMeatError(message)
    if revision == get_head():
        message = f"there is a catalogue {service.name!r} already: choose another name"
        raise SkillMeatError(message)


def _refuse_dependents(conn: Conn, schema: str) -> None:
    if dependents := fetch_scalar(conn, DEPENDENTS, {"schema": schema}):
        message = (
            f"nothing was dropped: objects outside schema {schema!r} depend on it, {dependents}: "
            "drop them first"
        )
        raise SkillMeatError(message)


def _drop_empty_schema(conn: Conn, service: Service, schema: str) -> None:
    if fetch_scalar(conn, HOLDS_OBJECTS, {"schema": schema}):
        message = (
            f"nothing was dropped: schema {schema!r} of service {service.name!r} holds objects, "
            "and no catalogue. If the service is wrong, delete its lines from the service file"
        )
        raise SkillMeatError(message)
    with translate_errors():
        conn.execute(read_sql("drop_empty_schema").encode())
