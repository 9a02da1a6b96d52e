"""From what was gathered to what the catalogue can hold: each key once, nothing dangling."""

from collections.abc import Iterator
from datetime import UTC, datetime

from skillmeat.importer.readers.skillmeat.coercion import moment, position, strings, text, words
from skillmeat.importer.readers.skillmeat.model import (
    HeldArtifact,
    HeldCollection,
    HeldGroup,
    HeldTemplate,
    HeldVersion,
    Holdings,
    Membership,
    Note,
    Placement,
)
from skillmeat.importer.readers.skillmeat.records import Draft, Gathered, Named
from skillmeat.importer.readers.skillmeat.renaming import (
    LONGEST_NAME,
    ArtifactKey,
    artifact_names,
    free,
    ids,
    name_of,
)
from skillmeat.importer.readers.skillmeat.tags import taggings
from skillmeat.importer.readers.text import escape

_NOWHERE = "is nowhere but in collections and groups: kept without content"
_FIRST = datetime.min.replace(tzinfo=UTC)


def settled(gathered: Gathered) -> Holdings:
    """Everything, under the keys that it has here."""
    mended = [*gathered.mended]
    left = [*gathered.left]
    artifact_ids = _artifact_ids(gathered, mended)
    collections, collection_ids = _collections(gathered, mended)
    members = _memberships(gathered, artifact_ids, collection_ids)
    groups, placements, joined = _groups(
        gathered, artifact_ids, collection_ids, members, left, mended
    )
    tags, tagged = taggings(gathered, artifact_ids, mended)
    artifacts = tuple(
        _artifact(artifact_ids[key], draft) for key, draft in gathered.artifacts.items()
    )
    mended += [
        Note(escape(":".join(artifact_ids[key])), _NOWHERE)
        for key, draft in gathered.artifacts.items()
        if not draft.is_held
    ]
    return Holdings(
        artifacts=artifacts,
        versions=tuple(_versions(gathered, artifact_ids)),
        tags=tags,
        taggings=tagged,
        collections=collections,
        memberships=(*members.values(), *joined),
        groups=groups,
        placements=placements,
        templates=tuple(_templates(gathered, collection_ids, mended)),
        left=tuple(left),
        mended=tuple(mended),
    )


def _artifact_ids(gathered: Gathered, mended: list[Note]) -> dict[ArtifactKey, ArtifactKey]:
    named = artifact_names(gathered.artifacts)
    mended += [
        Note(f"artifact {escape(':'.join(key))}", f"is {escape(':'.join(name))} here")
        for key, name in named.items()
        if key != name
    ]
    return named


def _artifact(key: ArtifactKey, draft: Draft) -> HeldArtifact:
    added_at = draft.added_at or draft.first_joined
    return HeldArtifact(
        *key,
        title=draft.said.get("title"),
        description=draft.said.get("description"),
        author=draft.said.get("author"),
        license=draft.said.get("license"),
        source=draft.said.get("source"),
        origin=draft.said.get("origin"),
        metadata=draft.metadata,
        added_at=added_at,
        updated_at=draft.updated_at,
        version=draft.said.get("version"),
        content_hash=draft.said.get("content_hash"),
    )


def _collections(
    gathered: Gathered, mended: list[Note]
) -> tuple[tuple[HeldCollection, ...], dict[str, str]]:
    """The collections, and under which id each is to be found here, by id and by folder."""
    here = ids(gathered.collections.keys())
    by_name: dict[str, str] = {}
    for given, row in gathered.collections.items():
        by_name.setdefault(text(row["name"]) or "", given)
    taken = set(here.values())
    found: list[HeldCollection] = []
    for name, named in sorted(gathered.named.items()):
        known = name if name in gathered.collections else by_name.get(name)
        if known is None:
            here[name] = free(name_of(name), taken.__contains__)
            taken.add(here[name])
            gathered.members[name] = named.members
            found.append(_named(here[name], named))
        else:
            here[name] = here[known]
            if named.is_whole and known not in gathered.members:
                gathered.members[known] = named.members
    found += [_row(given, here, gathered, mended) for given in gathered.collections]
    as_said = {(here[given], text(row["name"])) for given, row in gathered.collections.items()}
    found.sort(
        key=lambda each: ((each.id, each.name) not in as_said, each.created_at or _FIRST, each.id)
    )
    return tuple(found), here


def _row(
    given: str, here: dict[str, str], gathered: Gathered, mended: list[Note]
) -> HeldCollection:
    row = gathered.collections[given]
    said = text(row["name"]) or ""
    name = name_of(said, otherwise=here[given])
    if here[given] != given:
        mended.append(Note(f"collection {escape(given)}", f"has the id {escape(here[given])} here"))
    if name != said:
        mended.append(
            Note(f"collection {escape(said) or escape(given)}", f"is {escape(name)} here")
        )
    members = gathered.members.get(given)
    return HeldCollection(
        id=here[given],
        name=name,
        description=text(row["description"]),
        created_by=text(row["created_by"]),
        collection_type=text(row["collection_type"]),
        context_category=text(row["context_category"]),
        created_at=moment(row["created_at"]),
        updated_at=moment(row["updated_at"]),
        is_named_only=False,
        said=members.said if members else 0,
    )


def _named(collection: str, named: Named) -> HeldCollection:
    return HeldCollection(
        id=collection,
        name=name_of(named.name),
        description=None,
        created_by=None,
        collection_type=None,
        context_category=None,
        created_at=named.created_at,
        updated_at=named.updated_at,
        is_named_only=True,
        said=named.members.said if named.is_whole else None,
    )


def _memberships(
    gathered: Gathered,
    artifact_ids: dict[ArtifactKey, ArtifactKey],
    collection_ids: dict[str, str],
) -> dict[tuple[str, str], Membership]:
    found: dict[tuple[str, str], Membership] = {}
    for given, members in gathered.members.items():
        collection = collection_ids[given]
        for key, added_at in members.added_at.items():
            artifact = ":".join(artifact_ids[key])
            found[collection, artifact] = Membership(
                collection, artifact, added_at, is_deployed=key in members.deployed
            )
    return found


def _groups(  # noqa: PLR0913, PLR0917 - what it refers to, and what it reports
    gathered: Gathered,
    artifact_ids: dict[ArtifactKey, ArtifactKey],
    collection_ids: dict[str, str],
    members: dict[tuple[str, str], Membership],
    left: list[Note],
    mended: list[Note],
) -> tuple[tuple[HeldGroup, ...], tuple[Placement, ...], tuple[Membership, ...]]:
    here = ids(gathered.groups.keys())
    names: set[tuple[str, str]] = set()
    groups: list[HeldGroup] = []
    placements: list[Placement] = []
    joined: dict[tuple[str, str], Membership] = {}
    for given, row in gathered.groups.items():
        collection = collection_ids.get(text(row["collection_id"]) or "")
        if collection is None:
            left.append(Note(f"group {escape(given)}", "is in a collection that does not exist"))
            continue
        said = text(row["name"]) or ""
        wanted = name_of(said, otherwise=here[given])
        name = free(wanted, lambda each, of=collection: (of, each) in names)  # type: ignore[misc]
        names.add((collection, name))
        if name != said or here[given] != given:
            mended.append(Note(f"group {escape(said)}", f"is {escape(name)} here"))
        place = position(row["position"])
        if place is None and row["position"] is not None:
            mended.append(Note(f"group {escape(name)}", "its position is none: it comes first"))
        groups.append(
            HeldGroup(
                id=here[given],
                collection_id=collection,
                name=name,
                description=text(row["description"]),
                color=(words(row["color"]) or "slate")[:LONGEST_NAME],
                icon=(words(row["icon"]) or "layers")[:LONGEST_NAME],
                tags=tuple(strings(row["tags_json"])),
                position=place or 0,
                created_at=moment(row["created_at"]),
                updated_at=moment(row["updated_at"]),
                said=gathered.placements_said.get(given, 0),
            )
        )
        for key, placed in gathered.placements.get(given, {}).items():
            artifact = ":".join(artifact_ids[key])
            added_at = moment(placed["added_at"])
            place = position(placed["position"])
            if place is None and placed["position"] is not None:
                reason = f"its position in group {escape(name)} is none: it comes first"
                mended.append(Note(escape(artifact), reason))
            placements.append(Placement(here[given], artifact, place or 0, added_at))
            if (collection, artifact) not in members and (collection, artifact) not in joined:
                joined[collection, artifact] = Membership(
                    collection, artifact, added_at, is_joined=True
                )
                mended.append(
                    Note(
                        escape(artifact),
                        f"is in group {escape(name)} but not in its collection: joins it",
                    )
                )
    return tuple(groups), tuple(placements), tuple(joined.values())


def _versions(
    gathered: Gathered, artifact_ids: dict[ArtifactKey, ArtifactKey]
) -> Iterator[HeldVersion]:
    for said in gathered.versions:
        if said.content_hash is not None:
            yield HeldVersion(
                ":".join(artifact_ids[said.key]),
                said.content_hash,
                said.change_origin,
                said.created_at,
                said.metadata,
                said.is_deployed,
            )


def _templates(
    gathered: Gathered, collection_ids: dict[str, str], mended: list[Note]
) -> Iterator[HeldTemplate]:
    here = ids(gathered.templates.keys())
    for given, row in gathered.templates.items():
        said = text(row["name"]) or ""
        name = name_of(said, otherwise=here[given])
        if name != said:
            mended.append(Note(f"template {escape(said)}", f"is {escape(name)} here"))
        reference = text(row["collection_id"])
        collection = collection_ids.get(reference or "")
        if reference is not None and collection is None:
            mended.append(
                Note(f"template {escape(name)}", "its collection does not exist: it has none here")
            )
        yield HeldTemplate(
            id=here[given],
            name=name,
            description=text(row["description"]),
            collection_id=collection,
            created_at=moment(row["created_at"]),
            updated_at=moment(row["updated_at"]),
        )
