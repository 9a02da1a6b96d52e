"""The normalization of records of collections, members and groups to rows."""

from collections import defaultdict
from datetime import UTC, datetime

from skillmeat.importer.readers.skillmeat.coercion import (
    to_datetime,
    to_nonblank_text,
    to_position,
    to_strings,
    to_text,
)
from skillmeat.importer.readers.skillmeat.model import (
    CollectionRow,
    GroupArtifactRow,
    GroupRow,
    MembershipRow,
    Note,
)
from skillmeat.importer.readers.skillmeat.records import NamedCollection, Records, Row
from skillmeat.importer.readers.skillmeat.renaming import (
    LONGEST_NAME,
    ArtifactKey,
    find_free_name,
    make_valid_ids,
    make_valid_name,
)
from skillmeat.importer.readers.text import escape

_EARLIEST = datetime.min.replace(tzinfo=UTC)

Memberships = dict[tuple[str, str], MembershipRow]
"""Memberships by the ids of the collection and the artifact."""


def normalize_collections(
    records: Records, adjusted: list[Note]
) -> tuple[tuple[CollectionRow, ...], dict[str, str]]:
    """Return the collections, and a map from the id or folder name of each to its valid id."""
    valid_ids = make_valid_ids(records.collections.keys())
    id_by_name: dict[str, str] = {}
    for collection_id, row in records.collections.items():
        id_by_name.setdefault(to_text(row["name"]) or "", collection_id)
    taken = set(valid_ids.values())
    collections: list[CollectionRow] = []
    for name, named in sorted(records.named_collections.items()):
        known = name if name in records.collections else id_by_name.get(name)
        if known is None:
            valid_ids[name] = find_free_name(make_valid_name(name), taken)
            taken.add(valid_ids[name])
            records.members[name] = named.members
            collections.append(_make_named_collection(valid_ids[name], named))
        else:
            valid_ids[name] = valid_ids[known]
            if named.is_complete and known not in records.members:
                records.members[known] = named.members
    collections += [
        _make_collection(collection_id, valid_ids[collection_id], records, adjusted)
        for collection_id in records.collections
    ]
    unchanged = {
        (valid_ids[collection_id], to_text(row["name"]))
        for collection_id, row in records.collections.items()
    }
    collections.sort(
        key=lambda row: ((row.id, row.name) not in unchanged, row.created_at or _EARLIEST, row.id)
    )
    return tuple(collections), valid_ids


def normalize_memberships(
    records: Records, artifact_ids: dict[ArtifactKey, str], collection_ids: dict[str, str]
) -> Memberships:
    """Return each membership once."""
    memberships: Memberships = {}
    for collection, members in records.members.items():
        for key, added_at in members.added_at.items():
            pair = collection_ids[collection], artifact_ids[key]
            memberships[pair] = MembershipRow(*pair, added_at, is_deployed=key in members.deployed)
    return memberships


def normalize_groups(  # noqa: PLR0913, PLR0917 - the rows to refer to, and two reports
    records: Records,
    artifact_ids: dict[ArtifactKey, str],
    collection_ids: dict[str, str],
    memberships: Memberships,
    not_imported: list[Note],
    adjusted: list[Note],
) -> tuple[tuple[GroupRow, ...], tuple[GroupArtifactRow, ...], tuple[MembershipRow, ...]]:
    """Return the groups, their artifacts, and the memberships that these artifacts lack."""
    valid_ids = make_valid_ids(records.groups.keys())
    taken: defaultdict[str, set[str]] = defaultdict(set)
    groups: list[GroupRow] = []
    group_artifacts: list[GroupArtifactRow] = []
    joined: Memberships = {}
    for group_id, row in records.groups.items():
        collection = collection_ids.get(to_text(row["collection_id"]) or "")
        if collection is None:
            not_imported.append(
                Note(f"group {escape(group_id)}", "is in a collection that does not exist")
            )
            continue
        given_name = to_text(row["name"]) or ""
        name = make_valid_name(given_name, otherwise=valid_ids[group_id])
        name = find_free_name(name, taken[collection])
        taken[collection].add(name)
        if name != given_name or valid_ids[group_id] != group_id:
            adjusted.append(Note(f"group {escape(given_name)}", f"becomes {escape(name)}"))
        group = _make_group(
            valid_ids[group_id], collection, name, row, records.declared_group_counts[group_id]
        )
        if to_position(row["position"]) is None and row["position"] is not None:
            adjusted.append(
                Note(f"group {escape(name)}", "its position is not valid: it comes first")
            )
        groups.append(group)
        for key, placement in records.group_artifacts.get(group_id, {}).items():
            artifact = artifact_ids[key]
            added_at = to_datetime(placement["added_at"])
            position = to_position(placement["position"])
            if position is None and placement["position"] is not None:
                reason = f"its position in group {escape(name)} is not valid: it comes first"
                adjusted.append(Note(escape(artifact), reason))
            group_artifacts.append(GroupArtifactRow(group.id, artifact, position or 0, added_at))
            pair = collection, artifact
            if pair not in memberships and pair not in joined:
                joined[pair] = MembershipRow(*pair, added_at, is_from_group=True)
                reason = (
                    f"is in group {escape(name)} but not in its collection: it joins the collection"
                )
                adjusted.append(Note(escape(artifact), reason))
    return tuple(groups), tuple(group_artifacts), tuple(joined.values())


def _make_collection(
    collection_id: str, valid_id: str, records: Records, adjusted: list[Note]
) -> CollectionRow:
    row = records.collections[collection_id]
    given_name = to_text(row["name"]) or ""
    name = make_valid_name(given_name, otherwise=valid_id)
    if valid_id != collection_id:
        adjusted.append(
            Note(f"collection {escape(collection_id)}", f"gets the id {escape(valid_id)}")
        )
    if name != given_name:
        adjusted.append(
            Note(
                f"collection {escape(given_name) or escape(collection_id)}",
                f"becomes {escape(name)}",
            )
        )
    members = records.members.get(collection_id)
    return CollectionRow(
        id=valid_id,
        name=name,
        description=to_text(row["description"]),
        created_by=to_text(row["created_by"]),
        collection_type=to_text(row["collection_type"]),
        context_category=to_text(row["context_category"]),
        created_at=to_datetime(row["created_at"]),
        updated_at=to_datetime(row["updated_at"]),
        declared_count=members.declared_count if members else 0,
    )


def _make_named_collection(valid_id: str, named: NamedCollection) -> CollectionRow:
    return CollectionRow(
        id=valid_id,
        name=make_valid_name(named.name),
        created_at=named.created_at,
        updated_at=named.updated_at,
        is_named_only=True,
        declared_count=named.members.declared_count if named.is_complete else None,
    )


def _make_group(
    valid_id: str, collection_id: str, name: str, row: Row, declared_count: int
) -> GroupRow:
    return GroupRow(
        id=valid_id,
        collection_id=collection_id,
        name=name,
        description=to_text(row["description"]),
        color=(to_nonblank_text(row["color"]) or "slate")[:LONGEST_NAME],
        icon=(to_nonblank_text(row["icon"]) or "layers")[:LONGEST_NAME],
        tags=tuple(to_strings(row["tags_json"])),
        position=to_position(row["position"]) or 0,
        created_at=to_datetime(row["created_at"]),
        updated_at=to_datetime(row["updated_at"]),
        declared_count=declared_count,
    )
