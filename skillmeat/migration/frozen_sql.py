"""Run the frozen SQL of a revision, on a connection or into a script."""

import re
from pathlib import Path

from alembic import op

import skillmeat


def migrations_folder() -> Path:
    """The folder of the migrations: inside an installed package, beside it in a checkout."""
    package = Path(skillmeat.__file__).parent
    inside = package / "migrations"
    return inside if inside.is_dir() else package.parent / "migrations"


def install(revision: str, *names: str) -> None:
    """Run the frozen files `names` of `revision`, in that order."""
    for name in names:
        run(_text(revision, name))


def reinstall(revision: str, *names: str) -> None:
    """Run frozen files over what a later revision has made of the functions and views in them."""
    for name in names:
        run(_CREATED.sub(r"create or replace \1", _text(revision, name)))


_CREATED = re.compile(r"^create (function|trigger|view)\b", re.MULTILINE)


def _text(revision: str, name: str) -> str:
    return (migrations_folder() / "sql" / revision / name).read_text()


def run(sql: str) -> None:
    """Run statements as they stand: no parameter, colon or percent sign in them is special."""
    context = op.get_context()
    if context.as_sql:
        context.impl.static_output(sql.strip())
        return
    if context.connection is None or context.connection.connection.driver_connection is None:
        message = "a migration needs a connection, or --sql"
        raise RuntimeError(message)
    context.connection.connection.driver_connection.execute(sql)
