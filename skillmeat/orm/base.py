"""What every view is mapped on, and the refusal to write to one."""

from datetime import datetime
from itertools import chain
from typing import NoReturn

from sqlalchemy import BigInteger, Connection, DateTime, MetaData, Text, event
from sqlalchemy.orm import DeclarativeBase, ORMExecuteState, Session

from skillmeat.errors import SkillMeatError


class ReadOnly(SkillMeatError):
    """A summary was to be written."""


class SummaryBase(DeclarativeBase):
    """The declarative base of every view here: no part of the metadata that Alembic migrates."""

    metadata = MetaData()
    type_annotation_map = {str: Text(), datetime: DateTime(timezone=True), int: BigInteger()}  # noqa: RUF012


def _refuse(summary: type[SummaryBase]) -> NoReturn:
    message = (
        f"{summary.__name__} is read-only, for its rows are computed: write to the tables, with "
        "skillmeat's functions or the classes of skillmeat.models"
    )
    raise ReadOnly(message)


# On every Session, before it sends anything: a mapper's own events would come too late for what is
# flushed first.
@event.listens_for(Session, "before_flush")
def _refuse_to_flush(session: Session, *_: object) -> None:
    for each in chain(session.new, session.dirty, session.deleted):
        # What is dirty may have been set to what it was.
        if isinstance(each, SummaryBase) and (
            each not in session.dirty or session.is_modified(each)
        ):
            _refuse(type(each))


@event.listens_for(Session, "do_orm_execute")
def _refuse_to_execute(state: ORMExecuteState) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        for mapper in state.all_mappers:
            if issubclass(mapper.class_, SummaryBase):
                _refuse(mapper.class_)


# What a session has read once it would show again, whatever the row that it has just read says.
@event.listens_for(Session, "do_orm_execute")
def _read_anew(state: ORMExecuteState) -> None:
    mappers = state.all_mappers if state.is_select and not state.is_column_load else ()
    if mappers and all(issubclass(each.class_, SummaryBase) for each in mappers):
        state.update_execution_options(populate_existing=True)


@event.listens_for(SummaryBase.metadata, "before_create")
@event.listens_for(SummaryBase.metadata, "before_drop")
def _refuse_to_create(_target: MetaData, _connection: Connection, **_: object) -> None:
    message = "views are not created from their mapping: run `skillmeat migrate up`"
    raise ReadOnly(message)
