"""The clusters that tests of a move copy."""

from tests.replication.conftest import major, original

__all__ = ["major", "original"]
