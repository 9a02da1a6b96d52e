"""A page is chosen first, by ids alone, and then read: no more than the page is looked at."""

from typing import TypeVarTuple

from sqlalchemy import ColumnElement, Integer, Select, Text, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute

Chosen = TypeVarTuple("Chosen")


def first(chosen: Select[*Chosen], *, limit: int) -> Select[*Chosen]:
    """The first rows of what is chosen.

    The limit is part of the statement's text: a plan for all values must know that a page is all.
    """
    return chosen.limit(bindparam("rows", limit, Integer, literal_execute=True, unique=True))


def is_among(id: InstrumentedAttribute[str], chosen: ColumnElement[str]) -> ColumnElement[bool]:  # noqa: A002
    """Whether an id was chosen.

    Asked of an array: a join could be merged with the whole view, where that looks cheaper.
    """
    return id == any_(func.array(select(chosen).scalar_subquery(), type_=ARRAY(Text)))
