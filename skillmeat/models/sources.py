"""What each source of an import brought last: its collections and its copies of artifacts."""

from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from skillmeat.models.base import ID, NEW_ID, Base

EMPTY_OBJECT = text("'{}'")


class ImportSource(Base):
    """A folder that was imported, known by its kind and its path."""

    __tablename__ = "sources"
    __table_args__ = (
        UniqueConstraint("root", "kind", name="sources_root_is_unique_in_its_kind"),
        {"comment": "Each row is a source: a marketplace, plugin or Claude folder, as imported."},
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True, server_default=NEW_ID)
    kind: Mapped[str]
    name: Mapped[str] = mapped_column(ID)
    root: Mapped[str] = mapped_column(ID, comment="The real path of its folder.")


class SourceCollection(Base):
    """A plugin of a source, and the collection that it fills."""

    __tablename__ = "source_collections"
    __table_args__ = (
        Index("source_collections_collection_id_idx", "collection_id"),
        {"comment": "Each row is a plugin of a source, with the collection that it fills."},
    )

    source_id: Mapped[str] = mapped_column(
        ID,
        ForeignKey(
            "sources.id",
            name="source_collections_are_of_a_source",
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        primary_key=True,
    )
    plugin: Mapped[str] = mapped_column(ID, primary_key=True)
    collection_id: Mapped[str] = mapped_column(
        ID,
        ForeignKey(
            "collections.id",
            name="source_collections_fill_a_collection",
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
    )
    description: Mapped[str | None]
    is_current: Mapped[bool] = mapped_column(
        comment="False if the source no longer has the plugin, and was not pruned since."
    )


class SourceArtifact(Base):
    """A source's copy of an artifact, in one plugin or in none."""

    __tablename__ = "source_artifacts"
    __table_args__ = (
        Index("source_artifacts_artifact_id_idx", "artifact_id"),
        {"comment": "Each row is a source's copy of an artifact, in one plugin or in none."},
    )

    source_id: Mapped[str] = mapped_column(
        ID,
        ForeignKey(
            "sources.id",
            name="source_artifacts_are_of_a_source",
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        primary_key=True,
    )
    plugin: Mapped[str] = mapped_column(
        ID, primary_key=True, comment="The plugin that has it; empty if none has."
    )
    artifact_id: Mapped[str] = mapped_column(
        ID,
        ForeignKey(
            "artifacts.id",
            name="source_artifacts_are_copies_of_an_artifact",
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        primary_key=True,
    )
    path: Mapped[str] = mapped_column(comment="Relative to the root of the source.")
    content_hash: Mapped[str]
    version: Mapped[str | None]
    version_rank: Mapped[bytes] = mapped_column(
        LargeBinary, comment="A key that sorts versions: 1.9 before 1.10."
    )
    title: Mapped[str | None]
    description: Mapped[str | None]
    author: Mapped[str | None]
    license: Mapped[str | None]
    origin: Mapped[str | None]
    # SQLAlchemy reserves the attribute `metadata`.
    metadata_: Mapped[dict[str, Any]] = mapped_column("metadata", JSONB)
    tags: Mapped[dict[str, str]] = mapped_column(
        JSONB, server_default=EMPTY_OBJECT, comment="The names of its tags, by their slugs."
    )
    dropped_tags: Mapped[dict[str, str]] = mapped_column(
        JSONB,
        server_default=EMPTY_OBJECT,
        comment="Tags that the copy no longer has, and that were not pruned since.",
    )
    is_current: Mapped[bool] = mapped_column(
        comment="False if the source no longer has the copy, and was not pruned since."
    )
