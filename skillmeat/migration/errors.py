"""Alembic's and SQLAlchemy's errors as those of `skillmeat.errors`."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from alembic.util import CommandError
from sqlalchemy.exc import DBAPIError

from skillmeat.errors import SkillMeatError, translate_errors


@contextmanager
def translate_sqlalchemy_errors() -> Iterator[None]:
    """Raise the errors of the database, from psycopg or through SQLAlchemy, as `SkillMeatError`."""
    with translate_errors():
        try:
            yield
        except DBAPIError as error:
            if isinstance(error.orig, psycopg.Error):
                raise error.orig from error
            raise


@contextmanager
def translate_alembic_errors() -> Iterator[None]:
    """Raise the errors of Alembic and of the database as `SkillMeatError`."""
    try:
        with translate_sqlalchemy_errors():
            yield
    except CommandError as error:
        # Alembic's environment raises its own errors so, for the command line of Alembic.
        if isinstance(error.__cause__, SkillMeatError):
            raise error.__cause__ from None
        message = " ".join(str(error).split())
        raise SkillMeatError(message) from error
