"""An empty catalogue for each test, and a second session on it."""

from tests.layer.conftest import layer_database, other, url

__all__ = ["layer_database", "other", "url"]
