"""The views that an application reads, one class each; every count is exact."""

from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import Integer, Text, cast, null
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, query_expression

from skillmeat.catalogue.pagination import encode_cursor
from skillmeat.orm.base import SummaryBase


class CountedCollection(TypedDict):
    """A collection that an artifact is in, and how many artifacts are."""

    id: str
    name: str
    artifact_count: int


class ArtifactSummary(SummaryBase):
    """An artifact with its tags, version and collections.

    `tags` are names in code point order; `collections` are `default` first, then by name;
    `version` is the one added last.
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
    # `metadata` is taken by SQLAlchemy.
    metadata_: Mapped[dict[str, Any]] = mapped_column("metadata", JSONB)
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text))
    version: Mapped[str | None]
    collections: Mapped[list[CountedCollection]] = mapped_column(JSONB)
    added_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    # How well it fits what was searched for; selected as null elsewhere, lest a session keeps it.
    rank: Mapped[int | None] = query_expression(cast(null(), Integer))

    @property
    def cursor(self) -> str:
        """Where it stands in the list that it was read from, for `after` and `before`."""
        return encode_cursor(rank=self.rank, id=self.id)


class CollectionSummary(SummaryBase):
    """A collection with how many artifacts and groups are in it."""

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


class GroupSummary(SummaryBase):
    """A group with how many artifacts are in it."""

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
    """A tag with how many artifacts have it."""

    __tablename__ = "tag_summaries"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    slug: Mapped[str]
    color: Mapped[str | None]
    artifact_count: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class ArtifactTypeSummary(SummaryBase):
    """A kind of artifact with how many artifacts are of it."""

    __tablename__ = "artifact_type_summaries"

    type: Mapped[str] = mapped_column(primary_key=True)
    artifact_count: Mapped[int]
