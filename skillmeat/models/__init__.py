"""The tables, as SQLAlchemy sees them: the metadata that Alembic migrates and compares.

No table names a schema: the search path chooses it. Counts belong to the triggers in `db/`; they
are mapped for reading and never written from here.
"""

from skillmeat.models.artifacts import (
    Artifact,
    ArtifactTag,
    ArtifactType,
    ArtifactVersion,
    Tag,
)
from skillmeat.models.base import Base
from skillmeat.models.collections import (
    Collection,
    CollectionArtifact,
    Group,
    GroupArtifact,
    ProjectTemplate,
)
from skillmeat.models.internal import ApiToken, ArtifactChange, CountChange, LastRefresh

__all__ = [
    "ApiToken",
    "Artifact",
    "ArtifactChange",
    "ArtifactTag",
    "ArtifactType",
    "ArtifactVersion",
    "Base",
    "Collection",
    "CollectionArtifact",
    "CountChange",
    "Group",
    "GroupArtifact",
    "LastRefresh",
    "ProjectTemplate",
    "Tag",
]
