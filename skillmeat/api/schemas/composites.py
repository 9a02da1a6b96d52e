"""Models of composites: artifacts that stand for several others."""

from typing import Literal

from pydantic import BaseModel, Field

from skillmeat.api.schemas.common import Count, Time


class Composite(BaseModel):
    """An artifact of the type `composite`; a catalogue does not store what it is composed of."""

    id: str = Field(examples=["composite:documents"])
    collection_id: str = Field(examples=["default"])
    composite_type: Literal["plugin", "stack", "suite"]
    display_name: str | None = Field(examples=["Documents"])
    description: str | None
    created_at: Time
    updated_at: Time
    memberships: list[None]
    member_count: Literal[0]


class CompositeList(BaseModel):
    """All composites of a collection by id."""

    items: list[Composite]
    total: Count
