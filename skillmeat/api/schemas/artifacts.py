"""Models of artifacts, of artifacts in a collection, of changes and of versions."""

from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from skillmeat.api.schemas.common import ID, ArtifactId, Count, Text, Time
from skillmeat.api.schemas.tags import TagNames


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


class ArtifactContent(BaseModel):
    """The text of an artifact's version."""

    artifact_id: ArtifactId
    content_hash: str = Field(
        examples=["2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"]
    )
    version: str | None = Field(examples=["1.6.7"])
    created_at: Time
    content: str = Field(examples=["---\ndescription: Fills in forms\n---\n\n# PDF\n"])


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


def _require_any(**types: str) -> JsonDict:
    """Describe that one of these fields is given; an update must change something."""
    return {
        "anyOf": [
            {"required": [field], "properties": {field: {"type": kind}}}
            for field, kind in types.items()
        ]
    }


_FIELDS: Final = {
    "title": "string",
    "description": "string",
    "author": "string",
    "license": "string",
    "tags": "array",
}


class ArtifactFields(BaseModel):
    """The columns of an artifact that a client may change; a missing or null one stays."""

    title: Text | None = None
    description: Text | None = Field(None, examples=["Fills in forms"])
    author: Text | None = None
    license: Text | None = Field(None, examples=["MIT"])
    tags: TagNames | None = None

    def get_given(self) -> dict[str, Any]:
        """Return the fields that are given."""
        return self.model_dump(include=set(ArtifactFields.model_fields), exclude_none=True)


class ArtifactUpdate(ArtifactFields):
    """Changes of an artifact. SkillMeat's clients send the fields in `metadata` or beside it."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                _require_any(**_FIELDS, aliases="array"),
                {
                    "required": ["metadata"],
                    "properties": {"metadata": {"type": "object", **_require_any(**_FIELDS)}},
                },
            ]
        }
    )

    aliases: list[Text] | None = None
    metadata: ArtifactFields | None = None

    def get_given(self) -> dict[str, Any]:
        """Return the fields that are given; one beside `metadata` overrides the one in it."""
        nested = self.metadata.get_given() if self.metadata else {}
        return {**nested, **super().get_given()}


class Parameters(BaseModel):
    """The parameters of an artifact; a missing or null one stays as it is."""

    model_config = ConfigDict(
        json_schema_extra=_require_any(
            source="string", version="string", tags="array", aliases="array"
        )
    )

    source: Text | None = Field(None, examples=["example/skills/pdf"])
    version: Text | None = Field(None, examples=["latest"])
    tags: TagNames | None = None
    aliases: list[Text] | None = None


class ParametersUpdate(BaseModel):
    """Changes of an artifact's parameters."""

    parameters: Parameters


class UpdatedParameters(BaseModel):
    """The parameters that were changed."""

    success: Literal[True]
    artifact_id: ArtifactId
    updated_fields: list[str] = Field(examples=[["source"]])
    message: str = Field(examples=["Changed source of skill:pdf"])


class File(BaseModel):
    """A file of an artifact."""

    name: str = Field(examples=["SKILL.md"])
    path: str = Field(examples=["SKILL.md"])
    type: Literal["file"]
    size: Count = Field(description="In bytes.")
    children: None


class FilesOwner(BaseModel):
    """The artifact that files belong to."""

    artifact_id: ArtifactId
    artifact_name: str = Field(examples=["pdf"])
    artifact_type: str = Field(examples=["skill"])
    collection_name: str = Field(examples=["default"])


class FileList(FilesOwner):
    """The files of an artifact."""

    files: list[File]


class FileContent(FilesOwner):
    """A file of an artifact with its text."""

    path: str = Field(examples=["SKILL.md"])
    content: str
    size: Count = Field(description="In bytes.")
    mime_type: str = Field(examples=["text/markdown"])


class Associations(BaseModel):
    """The composites of an artifact and its parts; a catalogue stores neither."""

    artifact_id: ArtifactId
    parents: list[None]
    children: list[None]


class SimilarArtifacts(BaseModel):
    """The artifacts that are similar to one; a catalogue does not compare artifacts."""

    artifact_id: ArtifactId
    items: list[None]
    total: Literal[0]


class LinkedArtifacts(BaseModel):
    """The artifacts that an artifact links to, and the references that name no artifact."""

    artifact_id: ArtifactId
    linked_artifacts: list[Any]
    unlinked_references: list[Any]


class HistoryEvent(BaseModel):
    """A version of an artifact, as an event of SkillMeat's timeline."""

    id: str = Field(examples=["version:1"])
    timestamp: Time
    event_category: Literal["version"]
    event_type: str = Field(examples=["import"])
    source: Literal["artifact_versions"]
    artifact_name: str = Field(examples=["pdf"])
    artifact_type: str = Field(examples=["skill"])
    collection_name: None
    project_path: None
    content_sha: str = Field(description="The hash of the content.")
    parent_sha: str | None = Field(description="The hash of the version before.")
    version: str | None = Field(examples=["1.6.7"])
    version_lineage: None
    metadata: dict[str, Any]


class HistoryStatistics(BaseModel):
    """The numbers of events in a timeline; a catalogue has events of versions only."""

    total_events: Count
    version_events: Count
    analytics_events: Literal[0]
    deployment_events: Literal[0]
    snapshot_events: Literal[0]
    lineage_depth_max: Literal[0]
    unique_projects: Literal[0]
    unique_collections: Literal[0]


class ArtifactHistory(BaseModel):
    """The versions of an artifact, the newest first."""

    artifact_name: str = Field(examples=["pdf"])
    artifact_type: str = Field(examples=["skill"])
    timeline: list[HistoryEvent]
    statistics: HistoryStatistics
    last_updated: Time
