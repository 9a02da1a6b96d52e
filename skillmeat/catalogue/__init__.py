"""The catalogue's functions: one SQL statement each, in a transaction that the caller owns.

The first argument is the connection; the others are ids or keyword-only. Rows are frozen
dataclasses, and every count is exact. The exceptions are those of `skillmeat.errors`.
"""

from skillmeat.catalogue.artifact_tags import replace_tags, tag_artifacts, untag_artifacts
from skillmeat.catalogue.artifacts import (
    Artifact,
    CollectionCount,
    delete_artifact,
    edit_artifact,
    get_artifact,
    list_artifacts,
)
from skillmeat.catalogue.bulk import (
    NewArtifact,
    PutResult,
    merge_artifacts,
    put_artifacts,
    stage_artifacts,
)
from skillmeat.catalogue.collections import (
    Collection,
    create_collection,
    delete_collection,
    edit_collection,
    find_collection,
    get_collection,
    list_collections,
)
from skillmeat.catalogue.contents import ArtifactContent, get_content
from skillmeat.catalogue.group_members import add_to_group, move_in_group, remove_from_group
from skillmeat.catalogue.groups import (
    Group,
    copy_group,
    create_group,
    delete_group,
    edit_group,
    get_group,
    list_groups,
    order_groups,
)
from skillmeat.catalogue.memberships import AddResult, add_artifacts, remove_artifacts
from skillmeat.catalogue.pagination import Page
from skillmeat.catalogue.slugs import slugify
from skillmeat.catalogue.snapshot import (
    SnapshotArtifact,
    StalePage,
    list_artifacts_stale,
)
from skillmeat.catalogue.suggestions import suggest_keys
from skillmeat.catalogue.tags import (
    Tag,
    create_tag,
    delete_tag,
    edit_tag,
    find_tag,
    list_tags,
)
from skillmeat.catalogue.tokens import (
    NewToken,
    Scope,
    Token,
    create_token,
    get_token_scopes,
    hash_secret,
    list_tokens,
    revoke_token,
)

__all__ = [
    "AddResult",
    "Artifact",
    "ArtifactContent",
    "Collection",
    "CollectionCount",
    "Group",
    "NewArtifact",
    "NewToken",
    "Page",
    "PutResult",
    "Scope",
    "SnapshotArtifact",
    "StalePage",
    "Tag",
    "Token",
    "add_artifacts",
    "add_to_group",
    "copy_group",
    "create_collection",
    "create_group",
    "create_tag",
    "create_token",
    "delete_artifact",
    "delete_collection",
    "delete_group",
    "delete_tag",
    "edit_artifact",
    "edit_collection",
    "edit_group",
    "edit_tag",
    "find_collection",
    "find_tag",
    "get_artifact",
    "get_collection",
    "get_content",
    "get_group",
    "get_token_scopes",
    "hash_secret",
    "list_artifacts",
    "list_artifacts_stale",
    "list_collections",
    "list_groups",
    "list_tags",
    "list_tokens",
    "merge_artifacts",
    "move_in_group",
    "order_groups",
    "put_artifacts",
    "remove_artifacts",
    "remove_from_group",
    "replace_tags",
    "revoke_token",
    "slugify",
    "stage_artifacts",
    "suggest_keys",
    "tag_artifacts",
    "untag_artifacts",
]
