"""What the server takes and gives, for its description at /docs; the database makes the answers."""

from typing import Annotated, Any, Final, Generic, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, JsonValue

ID: Final = "c3e672b853f32dd8b0125aeb7bef4b13"
TIME: Final = "2026-01-01T00:01:00"
PRINTABLE: Final = r"[^\x00-\x1f\x7f-\x9f]"
# Not even a space at either end.
INK: Final = r"[^ \x00-\x1f\x7f-\x9f]"
NAME: Final = rf"^{INK}({PRINTABLE}*{INK})?$"
TEXT: Final = r"^[^\x00]*$"

Name = Annotated[str, Field(min_length=1, max_length=255, pattern=NAME)]
Text = Annotated[str, Field(pattern=TEXT)]
Time = Annotated[str, Field(description="UTC, in ISO 8601 without saying so.", examples=[TIME])]
Count = Annotated[int, Field(ge=0)]
ArtifactId = Annotated[
    str, Field(min_length=1, pattern=TEXT, description="`type:name`.", examples=["skill:pdf"])
]
Position = Annotated[int, Field(ge=0, le=2**31 - 1)]


class Refusal(BaseModel):
    """Why a request was refused."""

    detail: str = Field(examples=["Collection 'nope' not found"])


class Flaw(BaseModel):
    """What is wrong with one part of a request."""

    type: str = Field(examples=["string_too_short"])
    loc: list[str | int] = Field(examples=[["body", "name"]])
    msg: str = Field(examples=["String should have at least 1 character"])
    input: JsonValue = None


class Invalid(BaseModel):
    """A request that makes no sense."""

    detail: list[Flaw]


class PageInfo(BaseModel):
    """Where a page is in its list; the total is exact."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None = Field(examples=["c2tpbGw6cGRm"])
    end_cursor: str | None = Field(examples=["c2tpbGw6cGRm"])
    total_count: Count = Field(examples=[1000])


Item = TypeVar("Item")


class Page(BaseModel, Generic[Item]):
    """A page of a list."""

    items: list[Item]
    page_info: PageInfo


class CollectionCount(BaseModel):
    """A collection that an artifact is in."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(examples=["default"])
    name: str = Field(examples=["Default Collection"])
    artifact_count: Count = Field(examples=[1000], description="Exact.")


class Metadata(BaseModel):
    """What an artifact says of itself."""

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
    metadata: Metadata
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


class Place(BaseModel):
    """A group that an artifact of a collection is in, and where in it."""

    id: str = Field(examples=[ID])
    name: str = Field(examples=["First"])
    position: Count


class Member(BaseModel):
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
    groups: list[Place] | None = Field(description="Null unless include_groups.")
    deployments: None


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
    """A group as its collection lists it."""

    id: str = Field(examples=[ID])
    name: str = Field(examples=["First"])
    description: str | None
    position: Count
    artifact_count: Count


class CollectionWithGroups(Collection):
    """A collection and its groups by position."""

    groups: list[GroupInCollection]


class NewCollection(BaseModel):
    """A collection to be."""

    name: Name = Field(examples=["Reading"])
    description: Text | None = Field(None, examples=["What to read next"])
    collection_type: Text | None = None
    context_category: Text | None = None


class CollectionEdit(BaseModel):
    """What to change of a collection; what is missing or null stays as it is."""

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
    """Artifacts to add."""

    artifact_ids: list[ArtifactId] = Field(min_length=1, examples=[["skill:pdf"]])


class Added(BaseModel):
    """What adding did."""

    collection_id: str = Field(examples=[ID])
    added_count: Count = Field(examples=[1])
    already_present_count: Count
    total_artifacts: Count = Field(examples=[91])


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


class GroupMember(BaseModel):
    """An artifact of a group."""

    artifact_uuid: str = Field(examples=["7090f0e405ae469cbae2377284d1ce90"])
    artifact_id: ArtifactId
    position: Count
    added_at: Time


class GroupWithArtifacts(Group):
    """A group and its artifacts by position."""

    artifacts: list[GroupMember]


class Groups(BaseModel):
    """All groups of a collection by position."""

    groups: list[Group]
    total: Count


def _plain(value: object) -> object:
    return value.strip(" ").lower() if isinstance(value, str) else value


def _each_once(tags: list[str]) -> list[str]:
    return list(dict.fromkeys(tag for tag in tags if tag))


def _of_six_digits(color: str) -> str:
    if not color.startswith("#"):
        return color
    is_short = len(color) == len("#rgb")
    return "#" + "".join(digit * 2 for digit in color[1:]) if is_short else color[: len("#rrggbb")]


# As SkillMeat's clients write them, whatever the case and the spaces around; kept in one way.
GroupTag = Annotated[str, Field(pattern="^ *[A-Za-z0-9_-]{0,32} *$"), AfterValidator(_plain)]
GroupTags = Annotated[list[GroupTag], Field(max_length=20), AfterValidator(_each_once)]
Color = Annotated[
    str,
    Field(
        pattern="^(slate|blue|green|amber|rose|#([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6}|[0-9A-Fa-f]{8}))$",
        examples=["slate"],
    ),
    BeforeValidator(_plain),
    AfterValidator(_of_six_digits),
]
Icon = Annotated[
    Literal["layers", "folder", "tag", "sparkles", "book", "wrench"], BeforeValidator(_plain)
]


class NewGroup(BaseModel):
    """A group to be."""

    collection_id: Text = Field(examples=[ID])
    name: Name = Field(examples=["First"])
    description: Text | None = None
    tags: GroupTags | None = None
    color: Color = "slate"
    icon: Icon = "layers"
    position: Position = 0


class GroupEdit(BaseModel):
    """What to change of a group; what is missing or null stays as it is."""

    name: Name | None = Field(None, examples=["Second"])
    description: Text | None = None
    tags: GroupTags | None = None
    color: Color | None = None
    icon: Icon | None = None
    position: Position | None = None


class GroupAddition(ArtifactIds):
    """Members of the collection to put in a group: at its end, or where `position` says."""

    position: Position | None = None


class MoveByUuid(BaseModel):
    """Where an artifact goes that is meant by its uuid."""

    artifact_uuid: Text = Field(examples=["7090f0e405ae469cbae2377284d1ce90"])
    position: Position

    @property
    def known_as(self) -> str:
        """Its uuid."""
        return self.artifact_uuid


class MoveById(BaseModel):
    """Where an artifact goes that is meant by its id."""

    artifact_id: ArtifactId
    position: Position

    @property
    def known_as(self) -> str:
        """Its id."""
        return self.artifact_id


class Moves(BaseModel):
    """The new positions of artifacts of a group; the others stay where they are."""

    artifacts: list[MoveByUuid | MoveById] = Field(min_length=1)


class Tag(BaseModel):
    """A tag with its exact count."""

    id: str = Field(examples=[ID])
    name: str = Field(examples=["documents"])
    slug: str = Field(examples=["documents"])
    color: str | None = Field(examples=["#22c55e"])
    created_at: Time
    updated_at: Time
    artifact_count: Count = Field(examples=[12])


class Health(BaseModel):
    """Whether the server is ready, and what it knows of its catalogue."""

    status: Literal["ready", "not ready"]
    revision: str | None = Field(examples=["0013_cheaper_counts"])
    drift: int | None = Field(
        description="Counts and summaries that differ from the truth; null until compared."
    )
    pending_changes: int | None
    pending_counts: int | None
    snapshot_age: float | None = Field(description="Seconds since the last refresh.")
    problems: list[str]


class Alive(BaseModel):
    """That there is a server."""

    status: Literal["ok"]
