"""The readers of marketplaces, plugins and Claude folders; they use no database."""

from skillmeat.importer.readers.discovery import find_locations
from skillmeat.importer.readers.merge import (
    Conflict,
    MergedSources,
    merge_sources,
)
from skillmeat.importer.readers.model import (
    FoundArtifact,
    FoundCollection,
    Omission,
    Problem,
    Source,
)
from skillmeat.importer.readers.reader import read_sources

__all__ = [
    "Conflict",
    "FoundArtifact",
    "FoundCollection",
    "MergedSources",
    "Omission",
    "Problem",
    "Source",
    "find_locations",
    "merge_sources",
    "read_sources",
]
