"""Models of requests and responses. FastAPI validates requests; the database builds responses."""

from skillmeat.api.schemas.artifacts import (
    Artifact,
    CollectionArtifact,
    Tag,
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
    ValidationErrorResponse,
)
from skillmeat.api.schemas.groups import (
    Group,
    GroupArtifactsAdd,
    GroupCreate,
    GroupList,
    GroupReorder,
    GroupUpdate,
    GroupWithArtifacts,
)

__all__ = [
    "NAME",
    "TEXT",
    "AddedArtifacts",
    "Artifact",
    "ArtifactIds",
    "Collection",
    "CollectionArtifact",
    "CollectionCreate",
    "CollectionUpdate",
    "CollectionWithGroups",
    "ErrorResponse",
    "Group",
    "GroupArtifactsAdd",
    "GroupCreate",
    "GroupList",
    "GroupReorder",
    "GroupUpdate",
    "GroupWithArtifacts",
    "Page",
    "Tag",
    "ValidationErrorResponse",
]
