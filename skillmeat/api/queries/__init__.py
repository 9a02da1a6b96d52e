"""The JSON documents of the endpoints. One statement returns the bytes of each response's body."""

from skillmeat.api.queries.access import can_write
from skillmeat.api.queries.analytics import get_summary
from skillmeat.api.queries.artifact_files import (
    FileDocument,
    get_artifact_file,
    list_artifact_files,
)
from skillmeat.api.queries.artifact_parts import (
    get_artifact_content,
    get_artifact_history,
    get_artifact_tags,
    get_linked_artifacts,
)
from skillmeat.api.queries.artifacts import get_artifact, list_artifacts, list_collection_artifacts
from skillmeat.api.queries.collections import get_collection, list_collections
from skillmeat.api.queries.composites import get_composite, list_composites
from skillmeat.api.queries.groups import get_group, list_artifact_groups, list_groups
from skillmeat.api.queries.tags import get_tag, list_tags, search_tags

__all__ = [
    "FileDocument",
    "can_write",
    "get_artifact",
    "get_artifact_content",
    "get_artifact_file",
    "get_artifact_history",
    "get_artifact_tags",
    "get_collection",
    "get_composite",
    "get_group",
    "get_linked_artifacts",
    "get_summary",
    "get_tag",
    "list_artifact_files",
    "list_artifact_groups",
    "list_artifacts",
    "list_collection_artifacts",
    "list_collections",
    "list_composites",
    "list_groups",
    "list_tags",
    "search_tags",
]
