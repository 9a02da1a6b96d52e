"""The filters of a list of artifacts: a mistyped one is an error, not an empty list."""

from typing import Final

from skillmeat.catalogue import find_collection, find_tag
from skillmeat.database.query import Conn, fetch_scalar
from skillmeat.errors import UnknownArtifactType

HAS_TYPE: Final = "select exists (select from artifact_type_summaries where type = %(type)s)"


def check_filters(
    conn: Conn, *, artifact_type: str | None, collection: str | None = None, tag: str | None = None
) -> str | None:
    """Return the id of the collection with this id or name, or None without one.

    Raises `UnknownArtifactType`, `UnknownTag`, `UnknownCollection`.
    """
    if artifact_type is not None and not fetch_scalar(conn, HAS_TYPE, {"type": artifact_type}):
        message = f"there is no artifact type {artifact_type!r}"
        raise UnknownArtifactType(message, unknown=(artifact_type,))
    if tag is not None:
        find_tag(conn, tag)
    return None if collection is None else find_collection(conn, collection).id
