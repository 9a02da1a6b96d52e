"""The normalization of records to rows: each key once, valid names, no dangling reference."""

from collections.abc import Iterator

from skillmeat.catalogue.slugs import slugify
from skillmeat.importer.readers.redaction import redact_metadata
from skillmeat.importer.readers.skillmeat.coercion import to_color, to_datetime, to_text
from skillmeat.importer.readers.skillmeat.model import (
    ArtifactRow,
    ArtifactTagRow,
    Note,
    SkillMeatData,
    TagRow,
    TemplateRow,
    VersionRow,
)
from skillmeat.importer.readers.skillmeat.normalize_collections import (
    normalize_collections,
    normalize_groups,
    normalize_memberships,
)
from skillmeat.importer.readers.skillmeat.records import ArtifactRecord, Records, Row
from skillmeat.importer.readers.skillmeat.renaming import (
    ArtifactKey,
    make_artifact_keys,
    make_valid_ids,
    make_valid_name,
)
from skillmeat.importer.readers.text import LONGEST_TAG, escape, is_valid_name

_NOT_DESCRIBED = "is only in collections and groups: kept without content"


def normalize(records: Records) -> SkillMeatData:
    """Return all rows under the keys that they will have in the catalogue."""
    adjusted = [*records.adjusted]
    not_imported = [*records.not_imported]
    artifact_keys = _make_artifact_keys(records, adjusted)
    artifact_ids = {key: ":".join(valid) for key, valid in artifact_keys.items()}
    collections, collection_ids = normalize_collections(records, adjusted)
    memberships = normalize_memberships(records, artifact_ids, collection_ids)
    groups, group_artifacts, joined = normalize_groups(
        records, artifact_ids, collection_ids, memberships, not_imported, adjusted
    )
    tags, artifact_tags = _normalize_tags(records, artifact_ids, adjusted)
    adjusted += [
        Note(escape(artifact_ids[key]), _NOT_DESCRIBED)
        for key, record in records.artifacts.items()
        if not record.is_described
    ]
    return SkillMeatData(
        artifacts=tuple(
            _make_artifact(artifact_keys[key], record) for key, record in records.artifacts.items()
        ),
        versions=tuple(_normalize_versions(records, artifact_ids)),
        tags=tags,
        artifact_tags=artifact_tags,
        collections=collections,
        memberships=(*memberships.values(), *joined),
        groups=groups,
        group_artifacts=group_artifacts,
        templates=tuple(_normalize_templates(records, collection_ids, adjusted)),
        not_imported=tuple(not_imported),
        adjusted=tuple(adjusted),
    )


def _make_artifact_keys(records: Records, adjusted: list[Note]) -> dict[ArtifactKey, ArtifactKey]:
    keys = make_artifact_keys(records.artifacts)
    adjusted += [
        Note(f"artifact {escape(':'.join(key))}", f"becomes {escape(':'.join(valid))}")
        for key, valid in keys.items()
        if key != valid
    ]
    return keys


def _make_artifact(key: ArtifactKey, record: ArtifactRecord) -> ArtifactRow:
    added_at = record.added_at or record.first_joined_at
    metadata = redact_metadata(record.metadata)
    return ArtifactRow(*key, metadata, added_at, record.updated_at, **record.columns)


def _normalize_versions(
    records: Records, artifact_ids: dict[ArtifactKey, str]
) -> Iterator[VersionRow]:
    for version in records.versions:
        if version.content_hash is not None:
            yield VersionRow(
                artifact_ids[version.key],
                version.content_hash,
                version.change_origin,
                version.created_at,
                redact_metadata(version.metadata),
                version.is_deployed,
            )


def _normalize_tags(
    records: Records, artifact_ids: dict[ArtifactKey, str], adjusted: list[Note]
) -> tuple[tuple[TagRow, ...], tuple[ArtifactTagRow, ...]]:
    """Return each tag once, by slug and by name, and each pair of artifact and tag once."""
    tags: dict[str, TagRow] = {}
    slug_by_name: dict[str, str] = {}
    slug_by_id: dict[str, str] = {}
    valid_ids = make_valid_ids(records.tags.keys())
    for tag_id, row in records.tags.items():
        tag = _make_tag(valid_ids[tag_id], row, adjusted)
        known = tag.slug if tag.slug in tags else slug_by_name.get(tag.name)
        if known is None:
            tags[tag.slug] = tag
            slug_by_name[tag.name] = tag.slug
        else:
            adjusted.append(Note(f"tag {escape(tag.name)}", f"becomes the tag {escape(known)}"))
        slug_by_id[tag_id] = known or tag.slug

    def get_slug(given: str) -> str:
        if given not in slug_by_name:
            name = make_valid_name(" ".join(given.split()), longest=LONGEST_TAG)
            made = _make_slug(name)
            known = slug_by_name.get(name) or (made if made in tags else None)
            if known is None:
                tags[made] = TagRow(None, name, made)
                if name != given:
                    adjusted.append(Note(f"tag {escape(given)}", f"becomes {escape(name)}"))
            slug_by_name[given] = known or made
        return slug_by_name[given]

    artifact_tags: dict[tuple[str, str], ArtifactTagRow] = {}
    for key, tag_id, created_at in records.artifact_tags:
        pair = artifact_ids[key], slug_by_id[tag_id]
        artifact_tags.setdefault(pair, ArtifactTagRow(*pair, created_at))
    for key, record in records.artifacts.items():
        for name in record.tag_names:
            pair = artifact_ids[key], get_slug(name)
            artifact_tags.setdefault(pair, ArtifactTagRow(*pair, None))
    return tuple(tags.values()), tuple(artifact_tags.values())


def _make_tag(tag_id: str, row: Row, adjusted: list[Note]) -> TagRow:
    given_name, given_slug = to_text(row["name"]) or "", to_text(row["slug"]) or ""
    name = make_valid_name(given_name, otherwise=tag_id, longest=LONGEST_TAG)
    is_valid = len(given_slug) <= LONGEST_TAG and is_valid_name(given_slug)
    valid_slug = given_slug if is_valid else _make_slug(given_slug or name)
    if name != given_name or (given_slug and valid_slug != given_slug):
        reason = f"becomes {escape(name)}, with the slug {escape(valid_slug)}"
        adjusted.append(Note(f"tag {escape(given_name)}", reason))
    color = to_color(row["color"])
    if color != to_text(row["color"]):
        reason = f"its colour {escape(str(row['color']))} becomes {color or 'none'}"
        adjusted.append(Note(f"tag {escape(name)}", reason))
    times = to_datetime(row["created_at"]), to_datetime(row["updated_at"])
    return TagRow(tag_id, name, valid_slug, color, *times)


def _make_slug(name: str) -> str:
    # A name that has only separators has an empty slug.
    return make_valid_name(slugify(name), otherwise=name, longest=LONGEST_TAG)


def _normalize_templates(
    records: Records, collection_ids: dict[str, str], adjusted: list[Note]
) -> Iterator[TemplateRow]:
    valid_ids = make_valid_ids(records.templates.keys())
    for template_id, row in records.templates.items():
        given_name = to_text(row["name"]) or ""
        name = make_valid_name(given_name, otherwise=valid_ids[template_id])
        if name != given_name:
            adjusted.append(Note(f"template {escape(given_name)}", f"becomes {escape(name)}"))
        reference = to_text(row["collection_id"])
        collection_id = collection_ids.get(reference or "")
        if reference is not None and collection_id is None:
            adjusted.append(
                Note(
                    f"template {escape(name)}",
                    "its collection does not exist: it gets none",
                )
            )
        yield TemplateRow(
            id=valid_ids[template_id],
            name=name,
            description=to_text(row["description"]),
            collection_id=collection_id,
            created_at=to_datetime(row["created_at"]),
            updated_at=to_datetime(row["updated_at"]),
        )
