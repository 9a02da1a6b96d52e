"""The readers of SkillMeat's own files: its database, collections, and records in projects."""

from skillmeat.importer.readers.skillmeat.model import (
    ArtifactRow,
    CollectionRow,
    GroupRow,
    Note,
    SkillMeatData,
    TagRow,
    TemplateRow,
)
from skillmeat.importer.readers.skillmeat.reader import (
    LOOKED_FOR,
    SkillMeatFiles,
    find_files,
    read_skillmeat,
)

__all__ = [
    "LOOKED_FOR",
    "ArtifactRow",
    "CollectionRow",
    "GroupRow",
    "Note",
    "SkillMeatData",
    "SkillMeatFiles",
    "TagRow",
    "TemplateRow",
    "find_files",
    "read_skillmeat",
]
