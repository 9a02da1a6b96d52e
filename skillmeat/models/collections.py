"""Collections, and which artifacts are their members."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from skillmeat.models.base import (
    COUNTED,
    ID,
    NAME,
    NEW_ID,
    Base,
    count,
    count_key,
    now,
    settled_count,
)


class Collection(Base):
    """A named set of artifacts."""

    __tablename__ = "collections"
    __table_args__ = (
        UniqueConstraint("name", name="collections_name_is_unique"),
        settled_count("artifact_count", of="collections"),
        settled_count("group_count", of="collections"),
        {"comment": "A named set of artifacts.", "postgresql_with": COUNTED},
    )

    id: Mapped[str] = mapped_column(NAME, primary_key=True, server_default=NEW_ID)
    name: Mapped[str] = mapped_column(NAME)
    description: Mapped[str | None]
    created_by: Mapped[str | None]
    collection_type: Mapped[str | None]
    context_category: Mapped[str | None]
    source: Mapped[str | None]
    artifact_count: Mapped[int] = count()
    artifact_count_key: Mapped[int] = count_key()
    group_count: Mapped[int] = count()
    group_count_key: Mapped[int] = count_key()
    created_at: Mapped[datetime] = now()
    updated_at: Mapped[datetime] = now()


class CollectionArtifact(Base):
    """An artifact is a member of a collection."""

    __tablename__ = "collection_artifacts"
    __table_args__ = (
        Index("collection_artifacts_artifact_id_collection_id_idx", "artifact_id", "collection_id"),
        {"comment": "An artifact is a member of a collection."},
    )

    collection_id: Mapped[str] = mapped_column(
        ID,
        ForeignKey(
            "collections.id",
            name="collection_artifacts_are_in_a_collection",
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        primary_key=True,
    )
    artifact_id: Mapped[str] = mapped_column(
        ID,
        ForeignKey(
            "artifacts.id",
            name="collection_artifacts_name_an_artifact",
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        primary_key=True,
    )
    added_at: Mapped[datetime] = now()
