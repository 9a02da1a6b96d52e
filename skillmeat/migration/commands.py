"""Upgrade, downgrade and inspect the schema of one catalogue."""

import io
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from alembic import command
from alembic.config import Config
from alembic.script import Script, ScriptDirectory
from alembic.util import CommandError

from skillmeat import settings
from skillmeat.database.query import Conn
from skillmeat.database.revision_state import MigrationStatus, get_status
from skillmeat.database.revisions import migrations_folder
from skillmeat.errors import SkillMeatError
from skillmeat.migration.environment import Report, log_warning
from skillmeat.migration.errors import translate_alembic_errors
from skillmeat.migration.session import BASE

# Alembic keeps its state in module globals, so one thread at a time may use it.
_ALEMBIC_LOCK = threading.Lock()


def upgrade(
    revision: str = "head",
    *,
    url: str | None = None,
    schema: str | None = None,
    report: Report = log_warning,
    before_commit: Callable[[Conn], None] | None = None,
) -> MigrationStatus:
    """Upgrade to `revision` while writers continue, and return the new status.

    An interrupted upgrade can be run again. Notices, such as the sessions that an upgrade waits
    for, are passed to `report`; by default they are logged as warnings. `before_commit` is called
    in the transaction of each revision. Raises `SkillMeatError` for an unknown revision,
    `DatabaseError`, and `Retry` with these sessions if a lock stays taken for half a minute.
    """
    config = _config(url=url, schema=schema, report=report)
    config.attributes["before_commit"] = before_commit
    with lock_alembic():
        _refuse_unknown(config, revision)
        command.upgrade(config, revision)
    return get_status(url=url, schema=schema)


def downgrade(
    revision: str,
    *,
    url: str | None = None,
    schema: str | None = None,
    report: Report = log_warning,
) -> MigrationStatus:
    """Downgrade to `revision`, `base` for no tables at all, and return the new status.

    `base` also drops the schema if it is empty then. Raises and reports as `upgrade` does.
    """
    config = _config(url=url, schema=schema, report=report)
    with lock_alembic():
        _refuse_unknown(config, revision)
        command.downgrade(config, revision)
    return get_status(url=url, schema=schema)


def render_sql(revisions: str = "head", *, schema: str | None = None) -> str:
    """Render a script for psql: an upgrade from nothing, or a part such as `0002_counts:head`.

    A range that ends at an older revision, such as `head:base`, renders a downgrade. Raises
    `SkillMeatError` for an unknown revision and an empty range.
    """
    output = io.StringIO()
    config = _config(schema=schema, output=output)
    with lock_alembic():
        source, target, is_upgrade = _resolve_range(ScriptDirectory.from_config(config), revisions)
        if is_upgrade:
            command.upgrade(config, target if source == BASE else f"{source}:{target}", sql=True)
        else:
            command.downgrade(config, f"{source}:{target}", sql=True)
    return output.getvalue()


@contextmanager
def lock_alembic() -> Iterator[None]:
    """Let only this thread use Alembic, and translate its errors to `SkillMeatError`."""
    with _ALEMBIC_LOCK, translate_alembic_errors():
        yield


def list_revisions(revision: str) -> list[Script]:
    """List the revisions that lead to `revision`, the first one first."""
    known = ScriptDirectory.from_config(_config())
    return list(reversed(list(known.walk_revisions("base", revision))))


def list_undone(current: str | None, revision: str) -> list[Script]:
    """List the revisions that a downgrade to `revision` undoes, the newest first.

    Raises `SkillMeatError` for a revision that does not exist or is newer than `current`.
    """
    with lock_alembic():
        known = ScriptDirectory.from_config(_config())
        order = _list_names(known)
        start = _find_position(known, order, current or BASE, start=0)
        target = _find_position(known, order, revision, start=start)
        if target > start == 0:
            message = (
                f"nothing is installed, so {order[target]} cannot be downgraded to: "
                "`skillmeat migrate up` installs a catalogue"
            )
            raise SkillMeatError(message)
        if target > start:
            message = f"{order[target]} is newer than {order[start]}: run `skillmeat migrate up`"
            raise SkillMeatError(message)
        return [known.get_revision(each) for each in reversed(order[target + 1 : start + 1])]


def _list_names(known: ScriptDirectory) -> list[str]:
    return [BASE, *(each.revision for each in reversed(list(known.walk_revisions())))]


def _resolve_range(known: ScriptDirectory, revisions: str) -> tuple[str, str, bool]:
    """Return the ends of `FROM:TO`, or of `TO` from base, and whether it leads upwards."""
    order = _list_names(known)
    first, colon, last = revisions.rpartition(":")
    source = _find_position(known, order, first, start=0) if colon else 0
    target = _find_position(known, order, last, start=source)
    if source == target:
        message = f"{revisions} contains no revision: it begins and ends at {order[source]}"
        raise SkillMeatError(message)
    return order[source], order[target], source < target


def _refuse_unknown(config: Config, revision: str) -> None:
    """Refuse a revision that does not exist, before a connection creates the schema."""
    if not revision.startswith(("+", "-")):
        known = ScriptDirectory.from_config(config)
        _find_position(known, _list_names(known), revision, start=0)


def _find_position(known: ScriptDirectory, order: list[str], revision: str, *, start: int) -> int:
    """Return the position of a revision, which may be relative: `-1`, `head-1`."""
    message = f"there is no revision {revision}: there are {', '.join(order)}"
    name, steps = re.fullmatch(r"(.*?)([+-]\d+)?", revision).groups()  # type: ignore[union-attr]
    if name in (BASE, "head"):
        start = 0 if name == BASE else len(order) - 1
    elif name:
        try:
            start = order.index(known.get_revision(name).revision)
        except CommandError as error:
            raise SkillMeatError(message) from error
    position = start + int(steps or 0)
    if not 0 <= position < len(order):
        raise SkillMeatError(message)
    return position


def _config(
    *,
    url: str | None = None,
    schema: str | None = None,
    report: Report = log_warning,
    output: io.StringIO | None = None,
) -> Config:
    config = Config(output_buffer=output) if output else Config()
    config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    config.attributes["url"] = url
    config.attributes["schema"] = settings.get_schema(schema)
    config.attributes["report"] = report
    return config
