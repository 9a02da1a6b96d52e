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

# A DDL statement that waits for a lock makes every later statement wait behind it. So it has a
# short lock_timeout, in migrations/env.py, and is tried again.
ATTEMPTS = 150
PAUSE_SECONDS = 0.2

# Alembic keeps its state in module globals, so one thread at a time may use it.
_ALEMBIC_LOCK = threading.Lock()


@dataclass(frozen=True, slots=True)
class MigrationStatus:
    """The revision a schema is at, None for none, and the newest one there is."""

    schema: str
    current: str | None
    head: str | None

    @property
    def up_to_date(self) -> bool:
        """Whether the schema is at the newest revision."""
        return self.current == self.head


def upgrade(
    revision: str = "head", *, url: str | None = None, schema: str | None = None
) -> MigrationStatus:
    """Upgrade to `revision` while writers continue, and return the new status.

    An interrupted upgrade can be run again. Raises `DatabaseError`, `Retry` if a lock stays taken.
    """
    return _migrate(command.upgrade, revision, url=url, schema=schema)


def downgrade(
    revision: str, *, url: str | None = None, schema: str | None = None
) -> MigrationStatus:
    """Downgrade to `revision`, `base` for no tables at all, and return the new status."""
    return _migrate(command.downgrade, revision, url=url, schema=schema)


def render_sql(revisions: str = "head", *, schema: str | None = None) -> str:
    """Render the statements of an upgrade from nothing, or of a part of it: `0002_counts:head`."""
    output = io.StringIO()
    config = _config(schema=schema, output=output)
    with lock_alembic():
        command.upgrade(config, revisions, sql=True)
    return output.getvalue()


def get_head() -> str | None:
    """Return the newest revision."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def get_status(*, url: str | None = None, schema: str | None = None) -> MigrationStatus:
    """Return which revision a schema is at; the schema need not exist.

    Raises `SkillMeatError` for a revision from before the first release.
    """
    chosen = settings.get_schema(schema)
    head = get_head()
    with connect(url, schema=chosen, autocommit=True) as conn, translate_errors():
        versions = sql.Identifier(chosen, "alembic_version")
        (known,) = conn.execute(
            "select to_regclass(%s)", (versions.as_string(conn),)
        ).fetchone() or (None,)
        if known is None:
            return MigrationStatus(chosen, None, head)
        row = conn.execute(sql.SQL("select version_num from {}").format(versions)).fetchone()
        current = row[0] if row else None
        message = next_step(conn, current, schema=chosen)
        if message:
            raise SkillMeatError(message)
        return MigrationStatus(chosen, current, head)


@contextmanager
def lock_alembic() -> Iterator[None]:
    """Let only this thread use Alembic, and translate its errors to `SkillMeatError`."""
    with _ALEMBIC_LOCK, _translate_alembic_errors():
        yield


def list_revisions(revision: str) -> list[Script]:
    """List the revisions that lead to `revision`, the first one first."""
    known = ScriptDirectory.from_config(_config())
    return list(reversed(list(known.walk_revisions("base", revision))))


def _migrate(
    step: Callable[[Config, str], None], revision: str, *, url: str | None, schema: str | None
) -> MigrationStatus:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with lock_alembic():
                step(_config(url=url, schema=schema), revision)
            break
        except Retry:
            if attempt == ATTEMPTS:
                raise
            time.sleep(PAUSE_SECONDS)
    return get_status(url=url, schema=schema)


def _config(
    *, url: str | None = None, schema: str | None = None, output: io.StringIO | None = None
) -> Config:
    config = Config(output_buffer=output) if output else Config()
    config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    config.attributes["url"] = url
    config.attributes["schema"] = settings.get_schema(schema)
    return config


@contextmanager
def _translate_alembic_errors() -> Iterator[None]:
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
