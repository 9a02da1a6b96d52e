"""Reads artifacts from plugin marketplaces and Claude folders; knows nothing of the database."""

from skillmeat.sources.catalogue import (
    Catalogue,
    CatalogueCollection,
    Conflict,
    Entry,
    merge,
)
from skillmeat.sources.discovery import Location, discover
from skillmeat.sources.model import JSON, Flaw, FoundArtifact, FoundCollection, Source
from skillmeat.sources.reading import read
from skillmeat.sources.tags import slug

__all__ = [
    "JSON",
    "Catalogue",
    "CatalogueCollection",
    "Conflict",
    "Entry",
    "Flaw",
    "FoundArtifact",
    "FoundCollection",
    "Location",
    "Source",
    "discover",
    "merge",
    "read",
    "slug",
]
