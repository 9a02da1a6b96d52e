"""The tables as SQLAlchemy classes, with the metadata that Alembic migrates and compares.

No table names a schema: the search path chooses it. The triggers in `db/` write the counts; these
classes only read them.
"""

from skillmeat.models.artifacts import (
    Artifact,
    ArtifactContent,
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
from skillmeat.models.sources import ImportSource, SourceArtifact, SourceCollection

__all__ = [
    "ApiToken",
    "Artifact",
    "ArtifactChange",
    "ArtifactContent",
    "ArtifactTag",
    "ArtifactType",
    "ArtifactVersion",
    "Base",
    "Collection",
    "CollectionArtifact",
    "CountChange",
    "Group",
    "GroupArtifact",
    "ImportSource",
    "LastRefresh",
    "ProjectTemplate",
    "SourceArtifact",
    "SourceCollection",
    "Tag",
]
