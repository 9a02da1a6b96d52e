"""The views that an application reads, one read-only class each; every count is exact."""

from datetime import datetime
from itertools import chain
from typing import Any, NoReturn, TypedDict

from sqlalchemy import (
    BigInteger,
    Connection,
    DateTime,
    Integer,
    MetaData,
    Text,
    cast,
    event,
    null,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    ORMExecuteState,
    Session,
    mapped_column,
    query_expression,
)

from skillmeat.errors import ReadOnly


class SummaryBase(DeclarativeBase):
    """The declarative base of the views, apart from the metadata that Alembic migrates."""

    metadata = MetaData()
    type_annotation_map = {str: Text(), datetime: DateTime(timezone=True), int: BigInteger()}  # noqa: RUF012


class CountedCollection(TypedDict):
    """A collection that contains an artifact, with its artifact count."""

    id: str
    name: str
    artifact_count: int


class ArtifactSummary(SummaryBase):
    """An artifact with its tags, version and collections.

    `tags` are names in code point order. `collections` has `default` first, then the others by
    name. `version` is the newest one.
    """

    __tablename__ = "artifact_summaries"

    id: Mapped[str] = mapped_column(primary_key=True)
    type: Mapped[str]
    name: Mapped[str]
    title: Mapped[str | None]
    description: Mapped[str | None]
    author: Mapped[str | None]
    license: Mapped[str | None]
    source: Mapped[str | None]
    origin: Mapped[str | None]
    # SQLAlchemy reserves the attribute `metadata`.
    metadata_: Mapped[dict[str, Any]] = mapped_column("metadata", JSONB)
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text))
    version: Mapped[str | None]
    collections: Mapped[list[CountedCollection]] = mapped_column(JSONB)
    added_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    # The rank in a search; null elsewhere, or a session would keep the rank of an old search.
    rank: Mapped[int | None] = query_expression(cast(null(), Integer))

    @property
    def cursor(self) -> str:
        """The row's cursor in the list that it was read from, for `after` and `before`."""
        return self.id if self.rank is None else f"{self.rank}:{self.id}"


class CollectionSummary(SummaryBase):
    """A collection with the number of its artifacts and groups."""

    __tablename__ = "collection_summaries"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    description: Mapped[str | None]
    created_by: Mapped[str | None]
    collection_type: Mapped[str | None]
    context_category: Mapped[str | None]
    artifact_count: Mapped[int]
    group_count: Mapped[int]
    source: Mapped[str | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    # From A to Z, `default` first.
    sort_key: Mapped[str]
    json_prefix: Mapped[str]


class GroupSummary(SummaryBase):
    """A group with the number of its artifacts."""

    __tablename__ = "group_summaries"

    id: Mapped[str] = mapped_column(primary_key=True)
    collection_id: Mapped[str]
    name: Mapped[str]
    description: Mapped[str | None]
    color: Mapped[str]
    icon: Mapped[str]
    position: Mapped[int] = mapped_column(Integer)
    artifact_count: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text))


class TagSummary(SummaryBase):
    """A tag with the number of artifacts that have it."""

    __tablename__ = "tag_summaries"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    slug: Mapped[str]
    color: Mapped[str | None]
    artifact_count: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class ArtifactTypeSummary(SummaryBase):
    """A kind of artifact with the number of artifacts of that kind."""

    __tablename__ = "artifact_type_summaries"

    type: Mapped[str] = mapped_column(primary_key=True)
    artifact_count: Mapped[int]


def _raise_read_only(summary: type[SummaryBase]) -> NoReturn:
    message = (
        f"{summary.__name__} is read-only because its rows are computed: write to the tables, "
        "with skillmeat's functions or the classes of skillmeat.models"
    )
    raise ReadOnly(message)


# Listens on every Session: a mapper's own events come after the first statements are sent.
@event.listens_for(Session, "before_flush")
def _refuse_to_flush(session: Session, *_: object) -> None:
    for each in chain(session.new, session.dirty, session.deleted):
        # A dirty object may hold the values that it was loaded with.
        if isinstance(each, SummaryBase) and (
            each not in session.dirty or session.is_modified(each)
        ):
            _raise_read_only(type(each))


@event.listens_for(Session, "do_orm_execute")
def _refuse_to_execute(state: ORMExecuteState) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        for mapper in state.all_mappers:
            if issubclass(mapper.class_, SummaryBase):
                _raise_read_only(mapper.class_)


# Without this, a session keeps showing the values that it read first.
@event.listens_for(Session, "do_orm_execute")
def _refresh_known_rows(state: ORMExecuteState) -> None:
    mappers = state.all_mappers if state.is_select and not state.is_column_load else ()
    if mappers and all(issubclass(each.class_, SummaryBase) for each in mappers):
        state.update_execution_options(populate_existing=True)


@event.listens_for(SummaryBase.metadata, "before_create")
@event.listens_for(SummaryBase.metadata, "before_drop")
def _refuse_to_create(_target: MetaData, _connection: Connection, **_: object) -> None:
    message = "views are not created from their mapping: run `skillmeat migrate up`"
    raise ReadOnly(message)
