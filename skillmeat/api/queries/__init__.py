"""What the HTTP server answers, made by the database: one statement a document, in UTF-8."""

from skillmeat.api.queries.artifacts import artifact, artifacts, members
from skillmeat.api.queries.collections import collection, collections
from skillmeat.api.queries.groups import group, groups
from skillmeat.api.queries.page_document import Answer
from skillmeat.api.queries.tags import found_tags, tags

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
