"""The readers of marketplaces, plugins and Claude folders; they use no database."""

from skillmeat.importer.readers.discovery import find_locations
from skillmeat.importer.readers.model import (
    FoundArtifact,
    FoundCollection,
    FoundCopy,
    Omission,
    Problem,
    Source,
)
from skillmeat.importer.readers.problem_groups import (
    MOST_EXAMPLES,
    describe_example,
    group_problems,
    summarize_problems,
)
from skillmeat.importer.readers.reader import read_sources

__all__ = [
    "MOST_EXAMPLES",
    "FoundArtifact",
    "FoundCollection",
    "FoundCopy",
    "Omission",
    "Problem",
    "Source",
    "describe_example",
    "find_locations",
    "group_problems",
    "read_sources",
    "summarize_problems",
]
