"""SkillMeat's models, as far as a page needs them: every relationship loads with selectin.

One slower part of SkillMeat's own models is left out: there a collection also loads all of its
members, and `default` has every artifact.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, ForeignKey, Table
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    """The declarative base of these models."""


artifact_tags = Table(
    "artifact_tags",
    Base.metadata,
    Column("artifact_id", ForeignKey("artifacts.id"), primary_key=True),
    Column("tag_id", ForeignKey("tags.id"), primary_key=True),
)


class Tag(Base):
    """A tag."""

    __tablename__ = "tags"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    slug: Mapped[str]
    color: Mapped[str | None]


class Version(Base):
    """A version of an artifact."""

    __tablename__ = "artifact_versions"
    id: Mapped[str] = mapped_column(primary_key=True)
    artifact_id: Mapped[str] = mapped_column(ForeignKey("artifacts.id"))
    version: Mapped[str | None]
    created_at: Mapped[datetime]


class Artifact(Base):
    """An artifact, which loads its tags and versions."""

    __tablename__ = "artifacts"
    id: Mapped[str] = mapped_column(primary_key=True)
    type: Mapped[str]
    name: Mapped[str]
    title: Mapped[str | None]
    description: Mapped[str | None]
    source: Mapped[str | None]
    metadata_: Mapped[dict[str, Any]] = mapped_column("metadata", JSONB)
    added_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    tags: Mapped[list[Tag]] = relationship(
        secondary=artifact_tags, lazy="selectin", order_by=Tag.name
    )
    versions: Mapped[list[Version]] = relationship(
        lazy="selectin", order_by=(Version.created_at.desc(), Version.id.desc())
    )


class GroupArtifact(Base):
    """An artifact is in a group."""

    __tablename__ = "group_artifacts"
    group_id: Mapped[str] = mapped_column(ForeignKey("groups.id"), primary_key=True)
    artifact_id: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]


class Group(Base):
    """A group of a collection, which loads its artifacts."""

    __tablename__ = "groups"
    id: Mapped[str] = mapped_column(primary_key=True)
    collection_id: Mapped[str] = mapped_column(ForeignKey("collections.id"))
    name: Mapped[str]
    members: Mapped[list[GroupArtifact]] = relationship(lazy="selectin")


class Collection(Base):
    """A collection, which loads its groups."""

    __tablename__ = "collections"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    description: Mapped[str | None]
    groups: Mapped[list[Group]] = relationship(lazy="selectin")


class Membership(Base):
    """An artifact is a member of a collection."""

    __tablename__ = "collection_artifacts"
    collection_id: Mapped[str] = mapped_column(ForeignKey("collections.id"), primary_key=True)
    artifact_id: Mapped[str] = mapped_column(ForeignKey("artifacts.id"), primary_key=True)
