"""Collections, their members, their groups, and the project templates that use them."""

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    FetchedValue,
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
    COUNT_STORAGE,
    ID,
    NAME,
    NEW_ID,
    Base,
    map_count,
    map_count_key,
    map_is_imported,
    map_time,
)


class Collection(Base):
    """A named set of artifacts."""

    __tablename__ = "collections"
    __table_args__ = (
        UniqueConstraint("name", name="collections_name_is_unique"),
        # A page looks up its collections by it, in half the instructions of the primary key.
        Index("collections_id_idx", "id", postgresql_using="hash"),
        {
            "comment": "Each row is a collection: a named set of artifacts.",
            "postgresql_with": COUNT_STORAGE,
        },
    )

    id: Mapped[str] = mapped_column(NAME, primary_key=True, server_default=NEW_ID)
    name: Mapped[str] = mapped_column(NAME)
    description: Mapped[str | None]
    created_by: Mapped[str | None]
    collection_type: Mapped[str | None]
    context_category: Mapped[str | None]
    source: Mapped[str | None]
    artifact_count: Mapped[int] = map_count()
    artifact_count_key: Mapped[int] = map_count_key()
    group_count: Mapped[int] = map_count()
    group_count_key: Mapped[int] = map_count_key()
    created_at: Mapped[datetime] = map_time()
    updated_at: Mapped[datetime] = map_time()
    # A trigger sets it. FetchedValue makes SQLAlchemy leave it out and read it back.
    json_prefix: Mapped[str] = mapped_column(
        FetchedValue(),
        server_onupdate=FetchedValue(),
        comment="The JSON of the collection in a summary, up to its count.",
    )


class CollectionArtifact(Base):
    """A membership: an artifact is in a collection."""

    __tablename__ = "collection_artifacts"
    __table_args__ = (
        Index("collection_artifacts_artifact_id_collection_id_idx", "artifact_id", "collection_id"),
        {"comment": "Each row makes an artifact a member of a collection."},
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
    added_at: Mapped[datetime] = map_time()
    is_imported: Mapped[bool] = map_is_imported()


class Group(Base):
    """An ordered part of a collection."""

    __tablename__ = "groups"
    __table_args__ = (
        UniqueConstraint("collection_id", "name", name="groups_name_is_unique_in_its_collection"),
        UniqueConstraint("collection_id", "id", name="groups_id_is_unique_in_its_collection"),
        CheckConstraint("position >= 0", name="groups_position_is_not_negative"),
        CheckConstraint("array_position(tags, null) is null", name="groups_tags_are_not_null"),
        {
            "comment": "Each row is a group: an ordered part of a collection.",
            "postgresql_with": COUNT_STORAGE,
        },
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
    artifact_count: Mapped[int] = map_count()
    artifact_count_key: Mapped[int] = map_count_key()
    created_at: Mapped[datetime] = map_time()
    updated_at: Mapped[datetime] = map_time()
    # The group's own tags, apart from those of its artifacts.
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))


class GroupArtifact(Base):
    """The position of a collection's member in a group of that collection."""

    # Deferrable: a renamed collection cascades along both foreign keys, one after the other.
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
        {"comment": "Each row gives an artifact a position in a group of its collection."},
    )

    collection_id: Mapped[str] = mapped_column(ID)
    group_id: Mapped[str] = mapped_column(ID, primary_key=True)
    artifact_id: Mapped[str] = mapped_column(ID, primary_key=True)
    position: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    added_at: Mapped[datetime] = map_time()


class ProjectTemplate(Base):
    """A template for new projects, which may name a collection."""

    __tablename__ = "project_templates"
    __table_args__ = (
        UniqueConstraint("name", name="project_templates_name_is_unique"),
        Index("project_templates_collection_id_idx", "collection_id"),
        {"comment": "Each row is a template for new projects."},
    )

    id: Mapped[str] = mapped_column(NAME, primary_key=True, server_default=NEW_ID)
    name: Mapped[str] = mapped_column(NAME)
    description: Mapped[str | None]
    collection_id: Mapped[str | None] = mapped_column(
        ID,
        ForeignKey(
            "collections.id",
            name="project_templates_draw_on_a_collection",
            onupdate="CASCADE",
            ondelete="SET NULL",
        ),
    )
    created_at: Mapped[datetime] = map_time()
    updated_at: Mapped[datetime] = map_time()
