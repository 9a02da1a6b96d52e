"""Models of tags, and of the requests that create, change and replace them."""

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from skillmeat.api.schemas.common import ID, NAME, Count, Time

TagName = Annotated[str, Field(min_length=1, max_length=100, pattern=NAME, examples=["documents"])]
TagNames = Annotated[list[TagName], Field(max_length=100, examples=[["documents"]])]
TAG_COLOR: Final = "^#[0-9A-Fa-f]{6}$"
Color = Annotated[str, Field(pattern=TAG_COLOR, examples=["#22c55e"])]


class Tag(BaseModel):
    """A tag with its exact count."""

    id: str = Field(examples=[ID])
    name: str = Field(examples=["documents"])
    slug: str = Field(examples=["documents"])
    color: str | None = Field(examples=["#22c55e"])
    created_at: Time
    updated_at: Time
    artifact_count: Count = Field(examples=[12])


class TagCreate(BaseModel):
    """A tag to create; the slug is made from the name unless it is given."""

    name: TagName
    slug: TagName | None = None
    color: Color | None = None


class TagUpdate(BaseModel):
    """Changes of a tag; a missing or null field stays as it is."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                {"required": [field], "properties": {field: {"type": "string"}}}
                for field in ("name", "slug", "color")
            ]
        }
    )

    name: TagName | None = None
    slug: TagName | None = None
    color: Color | None = None


class ArtifactTags(BaseModel):
    """The names of all tags of an artifact."""

    tags: TagNames


class AddedTag(BaseModel):
    """The answer to adding a tag to an artifact."""

    message: str = Field(examples=["skill:pdf has the tag documents"])
