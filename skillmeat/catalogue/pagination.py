"""Which page of artifacts is asked for."""

import re
from typing import Final

from skillmeat.errors import InvalidValue
from skillmeat.query import one_more, one_way


def asked(
    *,
    limit: int,
    after: str | None,
    before: str | None,
    search: str | None,
    **filters: str | None,
) -> dict[str, object]:
    """What is given, by name: the values that the page's statement takes. Raises `InvalidValue`."""
    one_more(limit)
    one_way(after, before)
    given = {"after": after, "before": before, "search": search, **filters}
    values: dict[str, object] = {name: each for name, each in given.items() if each is not None}
    if search is not None:
        if not search.strip():
            message = "a search needs a word or a piece of a name"
            raise InvalidValue(message, sqlstate="22023")
        for name in values.keys() & {"after", "before"}:
            values["rank"], values[name] = _parsed(str(values[name]))
    return values


def cursor_of(rank: int | None, id: str) -> str:  # noqa: A002
    """The cursor of a row: its id; in a search, whose order is by rank first, both."""
    return id if rank is None else f"{rank}:{id}"


_RANKED: Final = re.compile(r"(-?[0-9]{1,9}):(.+)", re.DOTALL)


def _parsed(cursor: str) -> tuple[int, str]:
    found = _RANKED.fullmatch(cursor)
    if found is None:
        message = f"{cursor!r} is no cursor of a search: give the next or previous of its page"
        raise InvalidValue(message, sqlstate="22023")
    return int(found[1]), found[2]
