"""Tags as people write them, made fit to be stored: clean names, each slug once."""

from collections.abc import Iterable
from functools import lru_cache

from skillmeat.catalogue.slugs import slugify
from skillmeat.importer.readers.text import escape, is_valid_name

# The database's own limit, for a tag's name and for its slug.
LONGEST_TAG = 100


def deduplicate_tags(names: Iterable[str]) -> tuple[str, ...]:
    """`names` sorted; of those that share a slug, the first in code point order."""
    chosen: dict[str, str] = {}
    for name in sorted(names):
        chosen.setdefault(slugify(name), name)
    return tuple(chosen.values())


def clean_tags(names: Iterable[str]) -> tuple[tuple[str, ...], str | None]:
    """The tags among `names`, and, where some had to be left out, one line that says why."""
    good: list[str] = []
    bad: list[str] = []
    for name in names:
        tag = _clean(name)
        if tag:
            good.append(tag)
        elif tag is None:
            bad.append(escape(name.strip()[:40]))
    reason = None
    if bad:
        reason = (
            f"tag left out: {', '.join(bad[:3])}{' …' if len(bad) > 3 else ''} "  # noqa: PLR2004
            f"(a tag is 1 to {LONGEST_TAG} characters, no control characters)"
        )
    return deduplicate_tags(good), reason


@lru_cache(maxsize=1 << 16)
def _clean(name: str) -> str | None:
    """The tag, empty where there is none, None where it will not do."""
    tag = " ".join(name.split())
    return tag if not tag or (_is_tag(tag) and _is_tag(slugify(tag))) else None


def _is_tag(text: str) -> bool:
    return len(text) <= LONGEST_TAG and is_valid_name(text)


def split_tags(value: object) -> list[str] | None:
    """The strings in `value`: a comma-separated one, or lists of them; None for anything else."""
    if isinstance(value, str):
        return value.split(",")
    if isinstance(value, list):
        names: list[str] = []
        for item in value:
            if isinstance(item, str):
                names.append(item)
            elif isinstance(item, list):
                names += split_tags(item) or ()
        return names
    return None
