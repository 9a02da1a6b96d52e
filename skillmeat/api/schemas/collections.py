"""Models of collections, and of the requests that create, update and fill them."""

from pydantic import BaseModel, ConfigDict, Field

from skillmeat.api.schemas.common import ID, ArtifactId, Count, Name, Text, Time


class Collection(BaseModel):
    """A collection with its exact counts."""

    id: str = Field(examples=[ID])
    name: str = Field(examples=["Reading"])
    description: str | None = Field(examples=["What to read next"])
    created_by: str | None
    collection_type: str | None
    context_category: str | None
    created_at: Time
    updated_at: Time
    group_count: Count = Field(examples=[1])
    artifact_count: Count = Field(examples=[90])


class GroupInCollection(BaseModel):
    """A group in the list of its collection."""

    id: str = Field(examples=[ID])
    name: str = Field(examples=["First"])
    description: str | None
    position: Count
    artifact_count: Count


class CollectionWithGroups(Collection):
    """A collection and its groups by position."""

    groups: list[GroupInCollection]


class CollectionCreate(BaseModel):
    """A collection to create."""

    name: Name = Field(examples=["Reading"])
    description: Text | None = Field(None, examples=["What to read next"])
    collection_type: Text | None = None
    context_category: Text | None = None


class CollectionUpdate(BaseModel):
    """Changes of a collection; a missing or null field stays as it is."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                {"required": [field], "properties": {field: {"type": "string"}}}
                for field in ("name", "description", "collection_type", "context_category")
            ]
        }
    )

    name: Name | None = Field(None, examples=["Read"])
    description: Text | None = None
    collection_type: Text | None = None
    context_category: Text | None = None


class ArtifactIds(BaseModel):
    """The ids of artifacts to add."""

    artifact_ids: list[ArtifactId] = Field(min_length=1, examples=[["skill:pdf"]])


class AddedArtifacts(BaseModel):
    """The numbers of artifacts that were added and that were members already."""

    collection_id: str = Field(examples=[ID])
    added_count: Count = Field(examples=[1])
    already_present_count: Count
    total_artifacts: Count = Field(examples=[91])
