"""The tables, as SQLAlchemy sees them: the metadata that Alembic migrates and compares.

No table names a schema: the search path chooses it. Counts belong to the triggers in `db/`; they
are mapped for reading and never written from here.
"""

from skillmeat.models.artifacts import Artifact, ArtifactType, ArtifactVersion
from skillmeat.models.base import Base
from skillmeat.models.collections import Collection, CollectionArtifact
from skillmeat.models.groups import Group, GroupArtifact
from skillmeat.models.logs import ArtifactChange, CountChange, LastRefresh
from skillmeat.models.tags import ArtifactTag, Tag
from skillmeat.models.templates import ProjectTemplate
from skillmeat.models.tokens import ApiToken

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
