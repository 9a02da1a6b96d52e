"""The tables, as SQLAlchemy sees them: the metadata that Alembic migrates and compares.

No table names a schema: the search path chooses it. Counts belong to the triggers in `db/`; they
are mapped for reading and never written from here.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Sequence,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import DOMAIN, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

ID = Text(collation="C")


def domain(name: str, *, constraint: str, check: str) -> DOMAIN:
    """A text that is checked when it is written, and not again whenever its row's counts are."""
    return DOMAIN(name, Text(), collation="C", constraint_name=constraint, check=check)


PRINTABLE = "value !~ '[\\u0001-\\u001f\\u007f-\\u009f]' and value = btrim(value)"
NAME = domain(
    "catalogue_name",
    constraint="name_is_short_printable_and_trimmed",
    check=f"char_length(value) between 1 and 255 and {PRINTABLE}",
)
TAG_NAME = domain(
    "tag_name",
    constraint="tag_is_short_printable_and_trimmed",
    check=f"char_length(value) between 1 and 100 and {PRINTABLE}",
)
TYPE_NAME = domain(
    "type_name",
    constraint="type_is_an_identifier",
    check="value ~ '^[a-z][a-z0-9_]*$' and char_length(value) <= 255",
)
NEW_ID = text("replace(gen_random_uuid()::text, '-', '')")

# Room on each page lets a settled count replace its row in place (a HOT update).
COUNTED = {"fillfactor": 70}


class Base(DeclarativeBase):
    """The declarative base of every table here."""

    metadata = MetaData(naming_convention={"pk": "%(table_name)s_pkey"})
    type_annotation_map = {str: Text(), datetime: DateTime(timezone=True), int: BigInteger()}  # noqa: RUF012


COUNT_KEYS = Sequence("count_keys", metadata=Base.metadata)


def settled_count(column: str, *, of: str) -> CheckConstraint:
    """A constraint on `column`: a settled count is never negative."""
    return CheckConstraint(f"{column} >= 0", name=f"{of}_{column}_is_not_negative")


def count() -> Mapped[int]:
    """Map a settled count."""
    return mapped_column(BigInteger, server_default=text("0"))


def count_key() -> Mapped[int]:
    """Map the key of a count's pending changes, new whenever counting starts anew."""
    return mapped_column(BigInteger, COUNT_KEYS, server_default=COUNT_KEYS.next_value())


def now() -> Mapped[datetime]:
    """Map a time that is the transaction's unless given."""
    return mapped_column(server_default=func.now())


class ArtifactType(Base):
    """A kind of artifact; a new one is a row, not a migration."""

    __tablename__ = "artifact_types"
    __table_args__ = (
        settled_count("artifact_count", of="artifact_types"),
        {"comment": "A kind of artifact.", "postgresql_with": COUNTED},
    )

    type: Mapped[str] = mapped_column(TYPE_NAME, primary_key=True)
    artifact_count: Mapped[int] = count()
    artifact_count_key: Mapped[int] = count_key()


class Artifact(Base):
    """A skill, command, agent, hook …, known as `type:name`."""

    # No index on the type alone: those of a type are a range of the primary key.
    __tablename__ = "artifacts"
    __table_args__ = (
        PrimaryKeyConstraint("id", name="artifacts_pkey"),
        CheckConstraint(
            "jsonb_typeof(metadata) = 'object'", name="artifacts_metadata_is_an_object"
        ),
        {"comment": "A skill, command, agent, hook …, known as type:name."},
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
    id: Mapped[str] = mapped_column(ID, Computed("type || ':' || name", persisted=True))
    title: Mapped[str | None]
    description: Mapped[str | None]
    author: Mapped[str | None]
    license: Mapped[str | None]
    source: Mapped[str | None]
    origin: Mapped[str | None]
    # `metadata` is taken by SQLAlchemy.
    metadata_: Mapped[dict[str, Any]] = mapped_column(
        "metadata", JSONB, server_default=text("'{}'")
    )
    added_at: Mapped[datetime] = now()
    updated_at: Mapped[datetime] = now()


class ArtifactVersion(Base):
    """A content that an artifact has had."""

    __tablename__ = "artifact_versions"
    __table_args__ = (
        Index(
            "artifact_versions_artifact_id_created_at_id_idx",
            "artifact_id",
            text("created_at desc"),
            text("id desc"),
        ),
        CheckConstraint(
            "char_length(content_hash) between 1 and 255",
            name="artifact_versions_content_hash_is_short",
        ),
        {"comment": "A content that an artifact has had; the newest is its version."},
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
    content_hash: Mapped[str]
    version: Mapped[str | None]
    change_origin: Mapped[str | None]
    created_at: Mapped[datetime] = now()
    metadata_: Mapped[dict[str, Any]] = mapped_column(
        "metadata", JSONB, server_default=text("'{}'")
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


class Group(Base):
    """An ordered part of a collection."""

    __tablename__ = "groups"
    __table_args__ = (
        UniqueConstraint("collection_id", "name", name="groups_name_is_unique_in_its_collection"),
        UniqueConstraint("collection_id", "id", name="groups_id_is_unique_in_its_collection"),
        CheckConstraint("position >= 0", name="groups_position_is_not_negative"),
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


class ProjectTemplate(Base):
    """A named starting point for projects, drawn from a collection."""

    __tablename__ = "project_templates"
    __table_args__ = (
        UniqueConstraint("name", name="project_templates_name_is_unique"),
        Index("project_templates_collection_id_idx", "collection_id"),
        {"comment": "A named starting point for projects."},
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
    created_at: Mapped[datetime] = now()
    updated_at: Mapped[datetime] = now()


# Vacuumed early, for its rows do not live long, and never made smaller: a plan that was made while
# it looked empty would scan it whole.
LOG = {
    "autovacuum_vacuum_scale_factor": 0,
    "autovacuum_vacuum_threshold": 1000,
    "vacuum_truncate": "false",
}


class CountChange(Base):
    """A committed change of a count that is not yet added to it."""

    # No foreign key: its check would wait on a parent that is being deleted.
    __tablename__ = "count_changes"
    __table_args__ = (
        PrimaryKeyConstraint("count_key", "seq", name="count_changes_pkey"),
        {
            "comment": "A committed change of a count that is not yet added to it.",
            "postgresql_with": LOG,
        },
    )

    count_key: Mapped[int]
    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    counter: Mapped[str] = mapped_column(ID)
    parent: Mapped[str] = mapped_column(ID)
    delta: Mapped[int]


class ArtifactChange(Base):
    """An artifact whose summary is not what the snapshot says; the empty id stands for all."""

    # No foreign key: a deleted artifact has changed, too.
    __tablename__ = "artifact_changes"
    __table_args__ = (
        PrimaryKeyConstraint("artifact_id", "seq", name="artifact_changes_pkey"),
        {
            "comment": "An artifact whose summary is not what the snapshot says.",
            "postgresql_with": LOG,
        },
    )

    artifact_id: Mapped[str] = mapped_column(ID)
    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    changed_at: Mapped[datetime] = now()


class LastRefresh(Base):
    """What the last refresh of the snapshot did: one row, or none."""

    __tablename__ = "last_refresh"
    __table_args__ = (
        CheckConstraint("is_last", name="last_refresh_is_one_row"),
        {"comment": "What the last refresh of the snapshot did: one row, or none."},
    )

    is_last: Mapped[bool] = mapped_column(primary_key=True, server_default=text("true"))
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime]
    changes: Mapped[int]
    crowded_at: Mapped[int]
