"""Alembic, wrapped: where the migrations are, and how to run them."""

from skillmeat.migration.runner import down, script, status, up

__all__ = ["down", "script", "status", "up"]
