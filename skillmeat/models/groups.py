"""The ordered parts of collections, and which members have a place in them."""

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
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


class Group(Base):
    """An ordered part of a collection."""

    __tablename__ = "groups"
    __table_args__ = (
        UniqueConstraint("collection_id", "name", name="groups_name_is_unique_in_its_collection"),
        UniqueConstraint("collection_id", "id", name="groups_id_is_unique_in_its_collection"),
        CheckConstraint("position >= 0", name="groups_position_is_not_negative"),
        CheckConstraint("array_position(tags, null) is null", name="groups_tags_are_not_null"),
        settled_count("artifact_count", of="groups"),
        {"comment": "An ordered part of a collection.", "postgresql_with": COUNTED},
    )

    id: Mapped[str] = mapped_column(NAME, primary_key=True, server_default=NEW_ID)
    collection_id: Mapped[str] = mapped_column(
        ID,
        ForeignKey(
            "collections.id",
            name="groups_are_in_a_collection",
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
    )
    name: Mapped[str] = mapped_column(NAME)
    description: Mapped[str | None]
    color: Mapped[str] = mapped_column(server_default=text("'slate'"))
    icon: Mapped[str] = mapped_column(server_default=text("'layers'"))
    position: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    artifact_count: Mapped[int] = count()
    artifact_count_key: Mapped[int] = count_key()
    created_at: Mapped[datetime] = now()
    updated_at: Mapped[datetime] = now()
    # A group's own, beside those of its artifacts.
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))


class GroupArtifact(Base):
    """An artifact has a place in a group, as long as it is a member of the group's collection."""

    # Deferrable, because a renamed collection arrives here along both foreign keys in turn.
    __tablename__ = "group_artifacts"
    __table_args__ = (
        ForeignKeyConstraint(
            ["collection_id", "group_id"],
            ["groups.collection_id", "groups.id"],
            name="group_artifacts_are_in_a_group",
            onupdate="CASCADE",
            ondelete="CASCADE",
            deferrable=True,
            initially="IMMEDIATE",
        ),
        ForeignKeyConstraint(
            ["collection_id", "artifact_id"],
            ["collection_artifacts.collection_id", "collection_artifacts.artifact_id"],
            name="group_artifacts_are_members",
            onupdate="CASCADE",
            ondelete="CASCADE",
            deferrable=True,
            initially="IMMEDIATE",
        ),
        Index("group_artifacts_collection_id_artifact_id_idx", "collection_id", "artifact_id"),
        Index("group_artifacts_collection_id_group_id_idx", "collection_id", "group_id"),
        CheckConstraint("position >= 0", name="group_artifacts_position_is_not_negative"),
        {"comment": "An artifact has a place in a group of its collection."},
    )

    collection_id: Mapped[str] = mapped_column(ID)
    group_id: Mapped[str] = mapped_column(ID, primary_key=True)
    artifact_id: Mapped[str] = mapped_column(ID, primary_key=True)
    position: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    added_at: Mapped[datetime] = now()
