"""Which tags there are and who has them, out of rows and of names alone."""

from skillmeat.importer.readers.skillmeat.coercion import color, moment, text
from skillmeat.importer.readers.skillmeat.model import HeldTag, Note, Tagging
from skillmeat.importer.readers.skillmeat.records import Gathered
from skillmeat.importer.readers.skillmeat.renaming import ArtifactKey, ids, name_of
from skillmeat.importer.readers.tags import LONGEST_TAG, slug
from skillmeat.importer.readers.text import escape, is_valid_name


def taggings(
    gathered: Gathered, artifact_ids: dict[ArtifactKey, ArtifactKey], mended: list[Note]
) -> tuple[tuple[HeldTag, ...], tuple[Tagging, ...]]:
    """Each tag once, by slug and by name, and each artifact that has it once."""
    tags: dict[str, HeldTag] = {}
    by_name: dict[str, str] = {}
    slugs: dict[str, str] = {}
    here = ids(gathered.tags.keys())
    for given, row in gathered.tags.items():
        tag = _tag(here[given], row, mended)
        known = tag.slug if tag.slug in tags else by_name.get(tag.name)
        if known is None:
            tags[tag.slug] = tag
            by_name[tag.name] = tag.slug
        else:
            mended.append(Note(f"tag {escape(tag.name)}", f"is the tag {escape(known)} here"))
        slugs[given] = known or tag.slug

    def of_name(given: str) -> str:
        name = name_of(" ".join(given.split()), longest=LONGEST_TAG)
        made = _slug(name)
        known = by_name.get(name) or (made if made in tags else None)
        if known is None:
            known = made
            tags[made] = HeldTag(None, name, made, None, None, None)
            if name != given:
                mended.append(Note(f"tag {escape(given)}", f"is {escape(name)} here"))
        by_name[given] = known
        return known

    found: dict[tuple[str, str], Tagging] = {}
    for key, given, created_at in gathered.taggings:
        artifact = ":".join(artifact_ids[key])
        found.setdefault((artifact, slugs[given]), Tagging(artifact, slugs[given], created_at))
    for key, draft in gathered.artifacts.items():
        artifact = ":".join(artifact_ids[key])
        for name in draft.tag_names:
            chosen = by_name.get(name) or of_name(name)
            found.setdefault((artifact, chosen), Tagging(artifact, chosen, None))
    return tuple(tags.values()), tuple(found.values())


def _tag(tag: str, row: object, mended: list[Note]) -> HeldTag:
    assert isinstance(row, dict)  # noqa: S101 - rows are
    said = text(row["name"]) or ""
    name = name_of(said, otherwise=tag, longest=LONGEST_TAG)
    given = text(row["slug"]) or ""
    own = given if len(given) <= LONGEST_TAG and is_valid_name(given) else _slug(given or name)
    if name != said or (given and own != given):
        mended.append(
            Note(f"tag {escape(said)}", f"is {escape(name)} here, its slug {escape(own)}")
        )
    chosen = color(row["color"])
    if chosen != text(row["color"]):
        reason = f"its colour {escape(str(row['color']))} is {chosen or 'none'} here"
        mended.append(Note(f"tag {escape(name)}", reason))
    return HeldTag(tag, name, own, chosen, moment(row["created_at"]), moment(row["updated_at"]))


def _slug(name: str) -> str:
    # Of a name that is nothing but separators nothing is left.
    return name_of(slug(name), otherwise=name, longest=LONGEST_TAG)
