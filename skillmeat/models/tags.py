"""Tags, and which artifacts have them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from skillmeat.models.base import (
    COUNTED,
    ID,
    NAME,
    NEW_ID,
    TAG_NAME,
    Base,
    count,
    count_key,
    now,
    settled_count,
)


class Tag(Base):
    """A word that artifacts are tagged with."""

    __tablename__ = "tags"
    __table_args__ = (
        UniqueConstraint("name", name="tags_name_is_unique"),
        UniqueConstraint("slug", name="tags_slug_is_unique"),
        CheckConstraint("color ~ '^#[0-9A-Fa-f]{6}$'", name="tags_color_is_a_hex_color"),
        settled_count("artifact_count", of="tags"),
        {"comment": "A word that artifacts are tagged with.", "postgresql_with": COUNTED},
    )

    id: Mapped[str] = mapped_column(NAME, primary_key=True, server_default=NEW_ID)
    name: Mapped[str] = mapped_column(TAG_NAME)
    slug: Mapped[str] = mapped_column(TAG_NAME)
    color: Mapped[str | None]
    artifact_count: Mapped[int] = count()
    artifact_count_key: Mapped[int] = count_key()
    created_at: Mapped[datetime] = now()
    updated_at: Mapped[datetime] = now()


class ArtifactTag(Base):
    """An artifact has a tag."""

    __tablename__ = "artifact_tags"
    __table_args__ = (
        Index("artifact_tags_tag_id_artifact_id_idx", "tag_id", "artifact_id"),
        {"comment": "An artifact has a tag."},
    )

    artifact_id: Mapped[str] = mapped_column(
        ID,
        ForeignKey(
            "artifacts.id",
            name="artifact_tags_are_of_an_artifact",
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        primary_key=True,
    )
    tag_id: Mapped[str] = mapped_column(
        ID,
        ForeignKey(
            "tags.id", name="artifact_tags_name_a_tag", onupdate="CASCADE", ondelete="CASCADE"
        ),
        primary_key=True,
    )
    created_at: Mapped[datetime] = now()
