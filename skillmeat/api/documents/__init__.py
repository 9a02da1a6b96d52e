"""What the HTTP server answers, made by the database: one statement a document, in UTF-8."""

from skillmeat.api.documents.artifacts import artifact, artifacts, members
from skillmeat.api.documents.collections import collection, collections
from skillmeat.api.documents.groups import group, groups
from skillmeat.api.documents.pages import Answer
from skillmeat.api.documents.tags import found_tags, tags

__all__ = [
    "Answer",
    "artifact",
    "artifacts",
    "collection",
    "collections",
    "found_tags",
    "group",
    "groups",
    "members",
    "tags",
]
