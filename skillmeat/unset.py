"""Tells an argument that was left out from one that is None."""

from enum import Enum
from typing import Final, Literal

from psycopg.sql import SQL, Composed, Identifier, Placeholder


class Unset(Enum):
    """The type of `UNSET`."""

    UNSET = "unset"


UNSET: Final = Unset.UNSET
NotGiven = Literal[Unset.UNSET]


def assignments(given: dict[str, object]) -> Composed:
    """The SET list of an UPDATE: what was given, and nothing else."""
    return SQL(", ").join(
        SQL("{} = {}").format(Identifier(column), Placeholder(column)) for column in given
    )


def only_given(**arguments: object) -> dict[str, object]:
    """The arguments that were given. Raises `TypeError` if none was."""
    given = {name: value for name, value in arguments.items() if value is not UNSET}
    if not given:
        message = "nothing to change was given"
        raise TypeError(message)
    return given
