"""SkillMeat's catalogue on PostgreSQL: exact counts, one SELECT a page, no writer waiting."""

from skillmeat.connection import connect, create_pool

__all__ = ["connect", "create_pool"]
