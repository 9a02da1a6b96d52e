"""Models of groups, and of the requests that create, update, fill and reorder them."""

from typing import Annotated, Final, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)
from pydantic_core import PydanticCustomError

from skillmeat.api.schemas.collections import ArtifactIds
from skillmeat.api.schemas.common import ID, ArtifactId, Count, Name, Position, Text, Time


class Group(BaseModel):
    """A group of a collection."""

    id: str = Field(examples=[ID])
    collection_id: str = Field(examples=[ID])
    name: str = Field(examples=["First"])
    description: str | None
    tags: list[str]
    color: str = Field(examples=["slate"])
    icon: str = Field(examples=["layers"])
    position: Count
    created_at: Time
    updated_at: Time
    artifact_count: Count


class GroupArtifact(BaseModel):
    """An artifact of a group."""

    artifact_uuid: str = Field(examples=["7090f0e405ae469cbae2377284d1ce90"])
    artifact_id: ArtifactId
    position: Count
    added_at: Time


class GroupWithArtifacts(Group):
    """A group and its artifacts by position."""

    artifacts: list[GroupArtifact]


class GroupList(BaseModel):
    """All groups of a collection by position."""

    groups: list[Group]
    total: Count


def _normalize(value: object) -> object:
    return value.strip(" ").lower() if isinstance(value, str) else value


def _deduplicate(tags: list[str]) -> list[str]:
    return list(dict.fromkeys(tag for tag in tags if tag))


def _expand_hex(color: str) -> str:
    if not color.startswith("#"):
        return color
    is_short = len(color) == len("#rgb")
    return "#" + "".join(digit * 2 for digit in color[1:]) if is_short else color[: len("#rrggbb")]


GROUP_TAG: Final = "^ *[A-Za-z0-9_-]{0,32} *$"
GROUP_COLOR: Final = (
    "^(slate|blue|green|amber|rose|#([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6}|[0-9A-Fa-f]{8}))$"
)
# SkillMeat's clients vary in case and spaces; the catalogue stores one form.
GroupTag = Annotated[str, Field(pattern=GROUP_TAG), AfterValidator(_normalize)]
GroupTags = Annotated[list[GroupTag], Field(max_length=20), AfterValidator(_deduplicate)]
Color = Annotated[
    str,
    Field(
        pattern=GROUP_COLOR,
        examples=["slate"],
    ),
    BeforeValidator(_normalize),
    AfterValidator(_expand_hex),
]
Icon = Annotated[
    Literal["layers", "folder", "tag", "sparkles", "book", "wrench"], BeforeValidator(_normalize)
]


class GroupCreate(BaseModel):
    """A group to create."""

    collection_id: Text = Field(examples=[ID])
    name: Name = Field(examples=["First"])
    description: Text | None = None
    tags: GroupTags | None = None
    color: Color = "slate"
    icon: Icon = "layers"
    position: Position = 0


class GroupUpdate(BaseModel):
    """Changes of a group; a missing or null field stays as it is."""

    name: Name | None = Field(None, examples=["Second"])
    description: Text | None = None
    tags: GroupTags | None = None
    color: Color | None = None
    icon: Icon | None = None
    position: Position | None = None


class GroupArtifactsAdd(ArtifactIds):
    """Artifacts of the collection to add to a group, at its end or at `position`."""

    position: Position | None = None


class GroupCopy(BaseModel):
    """The collection to copy a group to."""

    target_collection_id: Text = Field(examples=["default"])


class ArtifactPosition(BaseModel):
    """The new position of the artifact with this uuid, or with this id."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                {"required": [key], "properties": {key: {"type": "string"}}}
                for key in ("artifact_uuid", "artifact_id")
            ]
        }
    )

    artifact_uuid: Text | None = Field(None, examples=["7090f0e405ae469cbae2377284d1ce90"])
    artifact_id: ArtifactId | None = None
    position: Position

    @model_validator(mode="after")
    def _require_key(self) -> Self:
        if self.artifact_uuid is None and self.artifact_id is None:
            kind, message = "missing_key", "must have {keys}"
            raise PydanticCustomError(kind, message, {"keys": "artifact_uuid or artifact_id"})
        return self

    @property
    def key(self) -> str:
        """The uuid or the id that identifies the artifact."""
        return str(self.artifact_id if self.artifact_uuid is None else self.artifact_uuid)


class GroupReorder(BaseModel):
    """The new positions of artifacts in a group; the others keep theirs."""

    artifacts: list[ArtifactPosition] = Field(
        min_length=1, examples=[[{"artifact_id": "skill:pdf", "position": 0}]]
    )


class GroupOrder(BaseModel):
    """Groups of a collection in their new order; other groups keep their positions."""

    group_ids: list[Text] = Field(min_length=1, examples=[[ID]])
