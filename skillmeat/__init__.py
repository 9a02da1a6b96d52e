"""SkillMeat's catalogue on PostgreSQL: exact counts, one SELECT a page, no writer waiting."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from skillmeat.connection import connect, create_pool

__all__ = ["connect", "create_pool"]


def __getattr__(name: str) -> Any:  # noqa: ANN401
    # The driver is imported at the first use: `skillmeat --help` needs none.
    if name not in __all__:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    from skillmeat import connection  # noqa: PLC0415

    return getattr(connection, name)
