"""Reads artifacts from plugin marketplaces and Claude folders; knows nothing of the database."""

from skillmeat.importer.readers.discovery import Location, discover
from skillmeat.importer.readers.merge import Catalogue, CatalogueCollection, Conflict, Entry, merge
from skillmeat.importer.readers.model import JSON, Flaw, FoundArtifact, FoundCollection, Source
from skillmeat.importer.readers.reader import read
from skillmeat.importer.readers.tags import slug

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
