"""Models of artifacts, of artifacts in a collection, and of tags."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from skillmeat.api.schemas.common import ID, ArtifactId, Count, Time


class CollectionCount(BaseModel):
    """A collection that an artifact is in."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(examples=["default"])
    name: str = Field(examples=["Default Collection"])
    artifact_count: Count = Field(examples=[1000], description="The exact number of its artifacts.")


class ArtifactMetadata(BaseModel):
    """The metadata of an artifact."""

    title: str | None = None
    description: str | None = Field(examples=["Fills in forms"])
    author: str | None = Field(examples=["Ada"])
    license: str | None = Field(examples=["MIT"])
    version: str | None = Field(examples=["1.6.7"])
    tags: list[str] = Field(examples=[["documents"]])
    dependencies: list[str]
    tools: list[str] = Field(examples=[["Read", "Bash"]])
    linked_artifacts: list[Any]
    unlinked_references: list[Any]


class Artifact(BaseModel):
    """An artifact with its collections."""

    id: ArtifactId
    uuid: str = Field(pattern="^[0-9a-f]{32}$", examples=["7090f0e405ae469cbae2377284d1ce90"])
    name: str = Field(examples=["pdf"])
    type: str = Field(examples=["skill"])
    source: str = Field(examples=["local"])
    origin: str = Field(examples=["local"])
    origin_source: str | None
    version: str = Field(examples=["unknown"])
    aliases: list[str]
    tags: list[str] = Field(examples=[["documents"]])
    target_platforms: list[str] | None
    metadata: ArtifactMetadata
    upstream: None
    deployment_stats: None
    deployments: None
    collections: list[CollectionCount]
    added: Time
    updated: Time
    import_id: None
    owner_id: None
    owner_type: None
    visibility: None
    workflow_id: None


class GroupPosition(BaseModel):
    """A group that an artifact of a collection is in, and its position there."""

    id: str = Field(examples=[ID])
    name: str = Field(examples=["First"])
    position: Count


class CollectionArtifact(BaseModel):
    """An artifact of a collection."""

    id: ArtifactId
    name: str = Field(examples=["pdf"])
    type: str = Field(examples=["skill"])
    version: str | None = Field(examples=["1.6.7"])
    source: str = Field(examples=["skill:pdf"])
    description: str | None = Field(examples=["Fills in forms"])
    author: str | None = Field(examples=["Ada"])
    tags: list[str] = Field(examples=[["documents"]])
    tools: list[str] | None
    origin: str = Field(examples=["local"])
    origin_source: str | None
    collections: list[CollectionCount]
    groups: list[GroupPosition] | None = Field(description="Null unless `include_groups` is set.")
    deployments: None


class Tag(BaseModel):
    """A tag with its exact count."""

    id: str = Field(examples=[ID])
    name: str = Field(examples=["documents"])
    slug: str = Field(examples=["documents"])
    color: str | None = Field(examples=["#22c55e"])
    created_at: Time
    updated_at: Time
    artifact_count: Count = Field(examples=[12])
