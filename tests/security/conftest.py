"""A catalogue that an ordinary role owns, and a login role of each kind that meets it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

import psycopg
import pytest
from psycopg import Connection, sql
from psycopg.conninfo import make_conninfo

import skillmeat
from skillmeat import migration
from tests.catalogue.test_roles import member_of
from tests.conftest import database, database_name
from tests.db.conftest import observer, sample, sample_database, sample_url, sessions
from tests.db.sample import restore

__all__ = ["observer", "sample", "sample_database", "sample_url", "sessions"]


@dataclass(frozen=True, slots=True)
class Owned:
    """A catalogue with the sample in it: its URL as a superuser, and the names of login roles."""

    url: str
    owner: str
    app: str
    reader: str
    outsider: str

    def connect(self, role: str) -> Connection:
        """Return a session of `owner`, `app`, `reader` or `outsider`, in autocommit."""
        target = make_conninfo(self.url, user=getattr(self, role))
        return skillmeat.connect(target, autocommit=True)


@contextmanager
def login_role(server_url: str) -> Iterator[str]:
    """Yield a login role that is a member of nothing."""
    name = f"login_{uuid4().hex}"
    role = sql.Identifier(name)
    with psycopg.connect(server_url, autocommit=True) as admin:
        admin.execute(sql.SQL("create role {} login").format(role))
        try:
            yield name
        finally:
            admin.execute(sql.SQL("drop role {}").format(role))


@pytest.fixture(scope="session")
def owned(server_url: str, template: str) -> Iterator[Owned]:
    """Yield a catalogue that an ordinary role has migrated."""
    assert template  # the first migration on a server creates the group roles
    with (
        login_role(server_url) as owner,
        login_role(server_url) as outsider,
        member_of("skillmeat_app", server_url) as app,
        member_of("skillmeat_reader", server_url) as reader,
    ):
        with database(server_url) as url:
            with psycopg.connect(url, autocommit=True) as admin:
                admin.execute(
                    sql.SQL("grant create on database {} to {}").format(
                        sql.Identifier(database_name(url)), sql.Identifier(owner)
                    )
                )
            migration.upgrade(url=make_conninfo(url, user=owner))
            found = Owned(url, owner, app, reader, outsider)
            with found.connect("owner") as conn:
                restore(conn)
            yield found
        with psycopg.connect(server_url, autocommit=True) as admin:
            # Before the roles that own its objects.
            admin.execute(
                sql.SQL("drop database {} with (force)").format(sql.Identifier(database_name(url)))
            )
