"""The demo's own database, beside the catalogue's, and what it shows unless told otherwise."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

import skillmeat
from skillmeat import embedded, settings
from skillmeat.errors import SkillMeatError, translate_errors

DATABASE = "skillmeat_demo"

SECONDS_BETWEEN_TRIES = 0.1

_LOCK = "select pg_try_advisory_lock(hashtext('skillmeat demo'), 0)"
_MARK = "Made by skillmeat demo, which drops it at the next run."


def examples_folder() -> Path:
    """The sample marketplace: inside an installed package, beside it in a checkout."""
    package = Path(skillmeat.__file__).parent
    inside = package / "examples"
    return (inside if inside.is_dir() else package.parent / "examples") / "marketplace"


def database_url() -> str:
    """The URL of the demo's database, created on the catalogue's server if need be.

    Raises `ServerError` where it cannot be, and `SkillMeatError` where it is the catalogue's.
    """
    catalogue = embedded.get_catalogue_url()
    if conninfo_to_dict(catalogue).get("dbname") == DATABASE:
        message = (
            f"the demo starts from nothing in the database {DATABASE}, and "
            "SKILLMEAT_DATABASE_URL names just that: let it name another database of the server"
        )
        raise SkillMeatError(message)
    return embedded.ensure_database(catalogue, DATABASE)


@contextmanager
def alone(url: str, *, on_wait: Callable[[], None]) -> Iterator[None]:
    """Hold the demo's database; while another run has it, call `on_wait` once and wait."""
    with translate_errors(), psycopg.connect(url, autocommit=True) as conn:
        # Not pg_advisory_lock: the migration waits for every older snapshot, and a statement that
        # waits here would hold one.
        if conn.execute(_LOCK).fetchone() == (False,):
            on_wait()
            while conn.execute(_LOCK).fetchone() == (False,):
                time.sleep(SECONDS_BETWEEN_TRIES)
        yield


def create_empty_schema(url: str) -> None:
    """Replace the schema that an earlier run left.

    Raises `SkillMeatError`, and drops nothing, where it is not the demo's; `Retry` where somebody
    uses it.
    """
    schema = settings.get_schema()
    name = sql.Identifier(schema)
    with translate_errors(), psycopg.connect(url) as conn:
        conn.execute("set local lock_timeout = '5s'")
        found = conn.execute(
            "select obj_description(oid) from pg_namespace where nspname = %s", (schema,)
        ).fetchone()
        if found not in (None, (_MARK,)):
            message = (
                f"the schema {schema} of the database {DATABASE} was not made by the demo, "
                "which would drop it: choose another one with --schema"
            )
            raise SkillMeatError(message)
        conn.execute(sql.SQL("drop schema if exists {} cascade").format(name))
        conn.execute(sql.SQL("create schema {}").format(name))
        conn.execute(sql.SQL("comment on schema {} is {}").format(name, sql.Literal(_MARK)))
