"""An empty catalogue for each test, and a second session on it."""

from tests.catalogue.conftest import catalogue_database, catalogue_sessions, conn, other, url

__all__ = ["catalogue_database", "catalogue_sessions", "conn", "other", "url"]
