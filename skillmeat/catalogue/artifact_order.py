"""The orders of a list of artifacts: the SQL of each, and its cursors.

Before its id, a row has a `position`: its name in lowercase, the time of its last change, its place
in a group, or its rank in a search. In the order of ids it has none. A cursor is the id, after the
time, the place or the rank if that is the order; the name is a part of the id.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal

from psycopg.sql import SQL, Composed

from skillmeat.catalogue.page_statement import Fragment, is_backwards
from skillmeat.errors import InvalidValue

ArtifactOrder = Literal["id", "name", "updated", "position", "rank"]


@dataclass(frozen=True, slots=True)
class OrderSql:
    """The SQL of an order.

    `columns` are selected from a row `f` of a scan. `ascending` and `descending` order rows `{t}`;
    the list is in the order of `ascending`. `after` and `before` are what a cursor requires of a
    row `f`. `cursor` is the cursor of a row `s` of the page.
    """

    columns: SQL
    ascending: SQL
    descending: SQL
    after: Fragment
    before: Fragment
    cursor: SQL

    def sort(self, table: str, *, given: Collection[str] = ()) -> Composed:
        """Order the rows of `table`, backwards if a page is read from its end."""
        order = self.descending if is_backwards(given) else self.ascending
        return order.format(t=SQL("s") if table == "s" else SQL("f"))

    def limit(self, given: Collection[str]) -> Composed:
        """Return the condition that the cursors put on a row of a scan."""
        conditions = [getattr(self, name) for name in ("after", "before") if name in given]
        return SQL(" and ").join([SQL("true"), *conditions])


ASCENDING: Final = SQL("{t}.position, {t}.id")
DESCENDING: Final = SQL("{t}.position desc, {t}.id desc")
NAME: Final = SQL('lower(%({}_position)s::text collate "default") collate "C"')
TIME: Final = SQL("(%({}_position)s::timestamp at time zone 'UTC')")
ID_AND_POSITION: Final = SQL("f.id, f.position")
ID: Final = SQL("s.id")
ORDERS: Final[dict[ArtifactOrder, OrderSql]] = {
    "id": OrderSql(
        columns=SQL("f.id"),
        ascending=SQL("{t}.id"),
        descending=SQL("{t}.id desc"),
        after=SQL("f.id > %(after)s"),
        before=SQL("f.id < %(before)s"),
        cursor=ID,
    ),
    "name": OrderSql(
        columns=ID_AND_POSITION,
        ascending=ASCENDING,
        descending=DESCENDING,
        after=SQL("(f.position, f.id) > ({}, %(after)s)").format(NAME.format(SQL("after"))),
        before=SQL("(f.position, f.id) < ({}, %(before)s)").format(NAME.format(SQL("before"))),
        cursor=ID,
    ),
    # The newest first.
    "updated": OrderSql(
        columns=ID_AND_POSITION,
        ascending=DESCENDING,
        descending=ASCENDING,
        after=SQL("(f.position, f.id) < ({}, %(after)s)").format(TIME.format(SQL("after"))),
        before=SQL("(f.position, f.id) > ({}, %(before)s)").format(TIME.format(SQL("before"))),
        cursor=SQL("(to_jsonb(s.position at time zone 'UTC') #>> '{}') || '|' || s.id"),
    ),
    # As the user has ordered the group. Artifacts that were added at once may share a position. A
    # cursor that no page has made may have a greater one than a group can.
    "position": OrderSql(
        columns=ID_AND_POSITION,
        ascending=ASCENDING,
        descending=DESCENDING,
        after=SQL("(f.position, f.id) > (%(after_position)s::bigint, %(after)s)"),
        before=SQL("(f.position, f.id) < (%(before_position)s::bigint, %(before)s)"),
        cursor=SQL("s.position || '#' || s.id"),
    ),
    # The highest first.
    "rank": OrderSql(
        columns=ID_AND_POSITION,
        ascending=SQL("{t}.position desc, {t}.id"),
        descending=SQL("{t}.position, {t}.id desc"),
        after=SQL("(-f.position, f.id) > (-%(after_position)s::integer, %(after)s)"),
        before=SQL("(-f.position, f.id) < (-%(before_position)s::integer, %(before)s)"),
        cursor=SQL("s.position || ':' || s.id"),
    ),
}
# A cursor of each order: its id, and its position before that. An id begins with a letter.
RANK: Final = "-?[0-9]{1,9}"
PLACE: Final = "[0-9]{1,10}"
MOMENT: Final = "(?:-?infinity|[0-9-]+T[0-9:.]+(?: BC)?)"
CURSORS: Final[dict[ArtifactOrder, re.Pattern[str]]] = {
    "id": re.compile(rf"(?!{RANK}:|{PLACE}#|{MOMENT}\|)(?P<position>)(?P<id>.*)", re.DOTALL),
    "name": re.compile(r"(?![0-9-])(?P<id>[^:|]+:(?P<position>.+))", re.DOTALL),
    "updated": re.compile(rf"(?P<position>{MOMENT})\|(?P<id>.+)", re.DOTALL),
    "position": re.compile(rf"(?P<position>{PLACE})#(?P<id>.+)", re.DOTALL),
    "rank": re.compile(rf"(?P<position>{RANK}):(?P<id>.+)", re.DOTALL),
}
LISTS: Final[dict[ArtifactOrder, str]] = {
    "id": "a list by id",
    "name": "a list by name",
    "updated": "a list by change",
    "position": "a list by position",
    "rank": "a search",
}


def choose_order(
    sort: ArtifactOrder | None, *, search: str | None, group: str | None = None
) -> ArtifactOrder:
    """Return the order: `sort`, or by default by rank in a search, else by id.

    Raises `InvalidValue` for an unknown order, for the order by rank without a search, and for the
    order by position without a group.
    """
    if sort is None:
        return "id" if search is None else "rank"
    if sort not in ORDERS:
        message = f"artifacts have no order by {sort!r}: sort by id, name or updated"
        raise InvalidValue(message, sqlstate="22023")
    for order, owner, given in (("rank", "search", search), ("position", "group", group)):
        if sort == order and given is None:
            message = (
                f"only a {owner} has an order by {order}: "
                f"give a {owner}, or sort by id, name or updated"
            )
            raise InvalidValue(message, sqlstate="22023")
    return sort


def split_cursors(parameters: dict[str, object], order: ArtifactOrder) -> None:
    """Replace each cursor of the parameters by its id, and add its position as another parameter.

    Raises `InvalidValue` for a cursor of another order.
    """
    for name in parameters.keys() & {"after", "before"}:
        match = CURSORS[order].fullmatch(str(parameters[name]))
        if match is None:
            message = f"{parameters[name]!r} is not a cursor of {LISTS[order]}: give one of a page"
            raise InvalidValue(message, sqlstate="22023")
        parameters[name] = match["id"]
        if match["position"]:
            parameters[f"{name}_position"] = match["position"]
