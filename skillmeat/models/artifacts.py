"""Artifacts, their types, their versions and their tags."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    FetchedValue,
    ForeignKey,
    Identity,
    Index,
    PrimaryKeyConstraint,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from skillmeat.models.base import (
    COUNT_STORAGE,
    ID,
    NAME,
    NEW_ID,
    TAG_NAME,
    TYPE_NAME,
    Base,
    map_count,
    map_count_key,
    map_is_imported,
    map_time,
)


class ArtifactType(Base):
    """A kind of artifact; a new kind needs a row, not a migration."""

    __tablename__ = "artifact_types"
    __table_args__ = (
        {
            "comment": "Each row is a kind of artifact, such as skill or agent.",
            "postgresql_with": COUNT_STORAGE,
        },
    )

    type: Mapped[str] = mapped_column(TYPE_NAME, primary_key=True)
    artifact_count: Mapped[int] = map_count()
    artifact_count_key: Mapped[int] = map_count_key()


class Artifact(Base):
    """An artifact (a skill, command, agent, hook …) with the id `type:name`."""

    # No index on the type alone: the artifacts of a type are a range of the primary key.
    __tablename__ = "artifacts"
    __table_args__ = (
        PrimaryKeyConstraint("id", name="artifacts_pkey"),
        CheckConstraint("id = type || ':' || name", name="artifacts_id_is_type_and_name"),
        CheckConstraint(
            "jsonb_typeof(metadata) = 'object'", name="artifacts_metadata_is_an_object"
        ),
        Index("artifacts_type_name_idx", "type", "name", unique=True),
        Index("artifacts_updated_at_id_idx", "updated_at", "id"),
        {"comment": "Each row is an artifact (skill, command, agent …) with the id type:name."},
    )

    type: Mapped[str] = mapped_column(
        ID,
        ForeignKey(
            "artifact_types.type",
            name="artifacts_are_of_a_type",
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
    )
    name: Mapped[str] = mapped_column(NAME)
    # A trigger sets it. FetchedValue makes SQLAlchemy leave it out and read it back.
    id: Mapped[str] = mapped_column(ID, FetchedValue(), server_onupdate=FetchedValue())
    title: Mapped[str | None]
    description: Mapped[str | None]
    author: Mapped[str | None]
    license: Mapped[str | None]
    source: Mapped[str | None]
    origin: Mapped[str | None]
    # SQLAlchemy reserves the attribute `metadata`.
    metadata_: Mapped[dict[str, Any]] = mapped_column(
        "metadata", JSONB, server_default=text("'{}'")
    )
    added_at: Mapped[datetime] = map_time()
    updated_at: Mapped[datetime] = map_time()
    is_imported: Mapped[bool] = map_is_imported()


class ArtifactVersion(Base):
    """A version of the content of an artifact; the newest one is current."""

    __tablename__ = "artifact_versions"
    __table_args__ = (
        Index(
            "artifact_versions_artifact_id_created_at_id_idx",
            "artifact_id",
            text("created_at desc"),
            text("id desc"),
        ),
        Index("artifact_versions_content_hash_idx", "content_hash"),
        CheckConstraint(
            "char_length(content_hash) between 1 and 255",
            name="artifact_versions_content_hash_is_short",
        ),
        {"comment": "Each row is a version of an artifact's content; the newest is current."},
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    artifact_id: Mapped[str] = mapped_column(
        ID,
        ForeignKey(
            "artifacts.id",
            name="artifact_versions_are_of_an_artifact",
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
    )
    content_hash: Mapped[str] = mapped_column(ID)
    version: Mapped[str | None]
    change_origin: Mapped[str | None]
    created_at: Mapped[datetime] = map_time()
    metadata_: Mapped[dict[str, Any]] = mapped_column(
        "metadata", JSONB, server_default=text("'{}'")
    )


class ArtifactContent(Base):
    """The text of all versions with one content hash; a trigger deletes it with the last one."""

    # No foreign key: a version may have no text, and a text belongs to any number of versions.
    __tablename__ = "artifact_contents"
    __table_args__ = (
        CheckConstraint(
            "octet_length(content) <= 1048576", name="artifact_contents_content_is_at_most_1_mib"
        ),
        {
            "comment": "Each row is the text of the versions that have its hash.",
            # A search reads a row for each text that matches, and no text.
            "postgresql_with": {"toast_tuple_target": 128},
        },
    )

    content_hash: Mapped[str] = mapped_column(
        ID, primary_key=True, comment="The hash that its versions have."
    )
    content: Mapped[str] = mapped_column(comment="The text, at most 1 MiB in UTF-8.")


class Tag(Base):
    """A tag, which any number of artifacts can have."""

    __tablename__ = "tags"
    __table_args__ = (
        UniqueConstraint("name", name="tags_name_is_unique"),
        UniqueConstraint("slug", name="tags_slug_is_unique"),
        CheckConstraint("color ~ '^#[0-9A-Fa-f]{6}$'", name="tags_color_is_a_hex_color"),
        {
            "comment": "Each row is a tag, which any number of artifacts can have.",
            "postgresql_with": COUNT_STORAGE,
        },
    )

    id: Mapped[str] = mapped_column(NAME, primary_key=True, server_default=NEW_ID)
    name: Mapped[str] = mapped_column(TAG_NAME)
    slug: Mapped[str] = mapped_column(TAG_NAME)
    color: Mapped[str | None]
    artifact_count: Mapped[int] = map_count()
    artifact_count_key: Mapped[int] = map_count_key()
    created_at: Mapped[datetime] = map_time()
    updated_at: Mapped[datetime] = map_time()
    is_imported: Mapped[bool] = map_is_imported()


class ArtifactTag(Base):
    """A tag of an artifact."""

    __tablename__ = "artifact_tags"
    __table_args__ = (
        Index("artifact_tags_tag_id_artifact_id_idx", "tag_id", "artifact_id"),
        {"comment": "Each row gives a tag to an artifact."},
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
    created_at: Mapped[datetime] = map_time()
    is_imported: Mapped[bool] = map_is_imported()
