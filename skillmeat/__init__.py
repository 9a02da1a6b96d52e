"""SkillMeat's catalogue on PostgreSQL: exact counts, one SELECT a page, no writer waiting."""

from skillmeat.connection import connect, pool

__all__ = ["connect", "pool"]
