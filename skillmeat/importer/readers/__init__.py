"""Read artifacts from plugin marketplaces and Claude folders, without the database."""

from skillmeat.importer.readers.discovery import Location, find_locations
from skillmeat.importer.readers.merge import (
    Conflict,
    MergedArtifact,
    MergedCollection,
    MergedSources,
    merge_sources,
)
from skillmeat.importer.readers.model import (
    JSON,
    FoundArtifact,
    FoundCollection,
    Problem,
    Source,
)
from skillmeat.importer.readers.reader import read_sources

__all__ = [
    "JSON",
    "Conflict",
    "FoundArtifact",
    "FoundCollection",
    "Location",
    "MergedArtifact",
    "MergedCollection",
    "MergedSources",
    "Problem",
    "Source",
    "find_locations",
    "merge_sources",
    "read_sources",
]
