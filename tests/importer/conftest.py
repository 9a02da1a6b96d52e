"""An empty catalogue for each test, and a second session on it."""

from tests.catalogue.conftest import layer_database, other, url

__all__ = ["layer_database", "other", "url"]
