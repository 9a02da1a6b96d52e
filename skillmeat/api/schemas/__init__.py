"""Models of requests and responses. FastAPI validates requests; the database builds responses."""

from skillmeat.api.schemas.artifacts import (
    Artifact,
    ArtifactContent,
    ArtifactHistory,
    ArtifactUpdate,
    CollectionArtifact,
    LinkedArtifacts,
    ParametersUpdate,
    UpdatedParameters,
)
from skillmeat.api.schemas.collections import (
    AddedArtifacts,
    ArtifactIds,
    Collection,
    CollectionCreate,
    CollectionUpdate,
    CollectionWithGroups,
)
from skillmeat.api.schemas.common import (
    NAME,
    TEXT,
    ErrorResponse,
    Page,
    RowChangedResponse,
    ValidationErrorResponse,
)
from skillmeat.api.schemas.composites import Composite, CompositeList
from skillmeat.api.schemas.groups import (
    Group,
    GroupArtifactsAdd,
    GroupCreate,
    GroupList,
    GroupOrder,
    GroupReorder,
    GroupUpdate,
    GroupWithArtifacts,
)
from skillmeat.api.schemas.tags import AddedTag, ArtifactTags, Tag, TagCreate, TagUpdate

__all__ = [
    "NAME",
    "TEXT",
    "AddedArtifacts",
    "AddedTag",
    "Artifact",
    "ArtifactContent",
    "ArtifactHistory",
    "ArtifactIds",
    "ArtifactTags",
    "ArtifactUpdate",
    "Collection",
    "CollectionArtifact",
    "CollectionCreate",
    "CollectionUpdate",
    "CollectionWithGroups",
    "Composite",
    "CompositeList",
    "ErrorResponse",
    "Group",
    "GroupArtifactsAdd",
    "GroupCreate",
    "GroupList",
    "GroupOrder",
    "GroupReorder",
    "GroupUpdate",
    "GroupWithArtifacts",
    "LinkedArtifacts",
    "Page",
    "ParametersUpdate",
    "RowChangedResponse",
    "Tag",
    "TagCreate",
    "TagUpdate",
    "UpdatedParameters",
    "ValidationErrorResponse",
]
