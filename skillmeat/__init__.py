"""SkillMeat's catalogue on PostgreSQL: exact counts, one SELECT a page, no writer waiting."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from skillmeat.database.connection import connect, create_pool
    from skillmeat.database.positions import Position, get_position
    from skillmeat.database.standbys import connect_for_reading

__all__ = ["Position", "connect", "connect_for_reading", "create_pool", "get_position"]


def __getattr__(name: str) -> Any:  # noqa: ANN401
    # The driver is imported at the first use: `skillmeat --help` needs none.
    if name not in __all__:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    from skillmeat.database import connection, positions, standbys  # noqa: PLC0415

    modules = {
        "Position": positions,
        "connect_for_reading": standbys,
        "get_position": positions,
    }
    return getattr(modules.get(name, connection), name)
