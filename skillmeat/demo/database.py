"""The demo's own database, on the catalogue's server, and the sample marketplace."""

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

_LOCK_INTERVAL = 0.1

_LOCK = "select pg_try_advisory_lock(hashtext('skillmeat demo'), 0)"
_MARK = "Made by skillmeat demo, which drops it at the next run."


def get_examples_folder() -> Path:
    """Return the sample marketplace: inside an installed package, beside it in a checkout."""
    package = Path(skillmeat.__file__).parent
    inside = package / "examples"
    return (inside if inside.is_dir() else package.parent / "examples") / "marketplace"


def ensure_database() -> str:
    """Create the demo's database on the catalogue's server unless it exists, and return its URL.

    Raises `ServerError` if that fails, and `SkillMeatError` if it is the catalogue's database.
    """
    catalogue = embedded.get_catalogue_url()
    if conninfo_to_dict(catalogue).get("dbname") == DATABASE:
        message = (
            f"the demo drops the schema of the database {DATABASE}, and SKILLMEAT_DATABASE_URL "
            "names that database: name another database of the server"
        )
        raise SkillMeatError(message)
    return embedded.ensure_database(catalogue, DATABASE)


@contextmanager
def lock_database(url: str, *, on_wait: Callable[[], None]) -> Iterator[None]:
    """Lock the demo's database; if another run has the lock, call `on_wait` once and wait."""
    with translate_errors(), psycopg.connect(url, autocommit=True) as conn:
        # pg_advisory_lock would deadlock: its statement holds a snapshot while it waits, and the
        # other run's migration waits for that snapshot.
        if conn.execute(_LOCK).fetchone() == (False,):
            on_wait()
            while conn.execute(_LOCK).fetchone() == (False,):
                time.sleep(_LOCK_INTERVAL)
        yield


def recreate_schema(url: str) -> None:
    """Drop the schema of an earlier run and create it empty.

    Raises `SkillMeatError`, and drops nothing, if the demo has not created the schema. Raises
    `Retry` if another session uses it.
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
                f"the demo would drop the schema {schema} of the database {DATABASE}, "
                "which it has not created: choose another schema with --schema"
            )
            raise SkillMeatError(message)
        conn.execute(sql.SQL("drop schema if exists {} cascade").format(name))
        conn.execute(sql.SQL("create schema {}").format(name))
        conn.execute(sql.SQL("comment on schema {} is {}").format(name, sql.Literal(_MARK)))
