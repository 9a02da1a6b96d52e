"""Upgrade, downgrade and inspect the schema of one catalogue."""

import io
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import Script, ScriptDirectory
from alembic.util import CommandError
from psycopg import sql
from sqlalchemy.exc import DBAPIError

from skillmeat import settings
from skillmeat.connection import connect
from skillmeat.errors import Retry, SkillMeatError, translate_errors
from skillmeat.migration.environment import migrations_folder, next_step

# A DDL statement that waits for a lock makes every later statement wait behind it. So it gives up
# soon (migrations/env.py says when) and tries again.
ATTEMPTS = 150
PAUSE_SECONDS = 0.2

# Alembic keeps what it is doing in globals of its modules.
_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True, slots=True)
class Status:
    """The revision a schema is at, None for none, and the newest one there is."""

    schema: str
    current: str | None
    head: str | None

    @property
    def up_to_date(self) -> bool:
        """Whether the schema is at the newest revision."""
        return self.current == self.head


def up(revision: str = "head", *, url: str | None = None, schema: str | None = None) -> Status:
    """Upgrade to `revision` while writers go on, and return where that leads.

    Interrupted, it can be run again. Raises `DatabaseError`, `Retry` if a lock stays taken.
    """
    return _migrate(command.upgrade, revision, url=url, schema=schema)


def down(revision: str, *, url: str | None = None, schema: str | None = None) -> Status:
    """Downgrade to `revision`, `base` for no tables at all, and return where that leads."""
    return _migrate(command.downgrade, revision, url=url, schema=schema)


def script(revisions: str = "head", *, schema: str | None = None) -> str:
    """The statements of an upgrade from nothing, or of a part of it: `0002_counts:head`."""
    output = io.StringIO()
    config = _config(schema=schema, output=output)
    with one_at_a_time():
        command.upgrade(config, revisions, sql=True)
    return output.getvalue()


def newest() -> str | None:
    """The newest revision there is."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def status(*, url: str | None = None, schema: str | None = None) -> Status:
    """Return where a schema is; it need not exist.

    Raises `SkillMeatError` for a revision that the five of the first release replaced.
    """
    chosen = settings.get_schema(schema)
    head = newest()
    with connect(url, schema=chosen, autocommit=True) as conn, translate_errors():
        versions = sql.Identifier(chosen, "alembic_version")
        (known,) = conn.execute(
            "select to_regclass(%s)", (versions.as_string(conn),)
        ).fetchone() or (None,)
        if known is None:
            return Status(chosen, None, head)
        row = conn.execute(sql.SQL("select version_num from {}").format(versions)).fetchone()
        current = row[0] if row else None
        message = next_step(conn, current, schema=chosen)
        if message:
            raise SkillMeatError(message)
        return Status(chosen, current, head)


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Keep Alembic to one thread. Raises `SkillMeatError` for what it refuses."""
    with _ONE_AT_A_TIME, _readable():
        yield


def revisions_up_to(revision: str) -> list[Script]:
    """The revisions that lead to `revision`, the first one first."""
    known = ScriptDirectory.from_config(_config())
    return list(reversed(list(known.walk_revisions("base", revision))))


def _migrate(
    step: Callable[[Config, str], None], revision: str, *, url: str | None, schema: str | None
) -> Status:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with one_at_a_time():
                step(_config(url=url, schema=schema), revision)
            break
        except Retry:
            if attempt == ATTEMPTS:
                raise
            time.sleep(PAUSE_SECONDS)
    return status(url=url, schema=schema)


def _config(
    *, url: str | None = None, schema: str | None = None, output: io.StringIO | None = None
) -> Config:
    config = Config(output_buffer=output) if output else Config()
    config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    config.attributes["url"] = url
    config.attributes["schema"] = settings.get_schema(schema)
    return config


@contextmanager
def _readable() -> Iterator[None]:
    try:
        with translate_errors():
            try:
                yield
            except DBAPIError as error:
                if isinstance(error.orig, psycopg.Error):
                    raise error.orig from error
                raise
    except CommandError as error:
        message = " ".join(str(error).split())
        raise SkillMeatError(message) from error
