"""Names, tags and texts: checks of what the database can store, and safe output of the rest."""

import re
from collections.abc import Iterable
from functools import lru_cache

from skillmeat.catalogue.slugs import slugify

# Spaces, and the characters without width.
INVISIBLE = (
    r" \u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f"
    r"\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0"
)
# The database has the same rule. Python decodes invalid bytes in file names to lone surrogates.
_NAME = re.compile(
    rf"(?! )(?=.*[^{INVISIBLE}])[^\x00-\x1f\x7f-\x9f\ud800-\udfff]{{1,255}}(?<! )", re.DOTALL
)
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")

# A repository keeps such files in any folder. In lower case, the second ones may well be agents.
_DOCUMENTATION = re.compile(
    "(?i:readme|changelog|contributing|code.of.conduct|licen[cs]e|third.party.notices)"
    "|AGENTS|AUTHORS|CLAUDE|COPYING|HISTORY|INDEX|NOTICE|SECURITY|SUPPORT|TODO"
)

# The database has the same limit for a tag's name and for its slug.
LONGEST_TAG = 100
INVALID_TAG = "tag left out"
TAG_RULE = f"use 1 to {LONGEST_TAG} characters, one of them visible, no control characters"
_LISTED_TAGS = 3


def is_valid_name(text: str) -> bool:
    """Return whether `text` may name an artifact or a collection."""
    return _NAME.fullmatch(text) is not None


def is_documentation_name(file_name: str) -> bool:
    """Return whether a file with this name documents a folder, such as README.md."""
    return _DOCUMENTATION.fullmatch(file_name.partition(".")[0]) is not None


def is_storable(text: str) -> bool:
    """Return whether PostgreSQL can store `text`: no NUL character, no lone surrogate."""
    # Most texts are ASCII, for which this takes a tenth of the time of the pattern.
    return "\x00" not in text if text.isascii() else _UNSTORABLE.search(text) is None


def replace_unstorable(text: str) -> str:
    """Replace characters that PostgreSQL cannot store with U+FFFD, the replacement character."""
    return _UNSTORABLE.sub("\ufffd", text)


def escape(text: str) -> str:
    """Return `text` on one line, with escapes for characters that cannot be printed or encoded."""
    return _UNPRINTABLE.sub(_escape_character, text)


def _escape_character(match: re.Match[str]) -> str:
    code = ord(match[0])
    # 0xdc80 and up stand for single undecodable bytes (PEP 383).
    code = code - 0xDC00 if 0xDC80 <= code <= 0xDCFF else code  # noqa: PLR2004
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}"  # noqa: PLR2004


def format_count(number: int, noun: str) -> str:
    """Return a number and its noun, in the plural unless the number is 1."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def deduplicate_tags(names: Iterable[str]) -> tuple[str, ...]:
    """Return `names` sorted; if several share a slug, keep the first in code point order."""
    chosen: dict[str, str] = {}
    for name in sorted(names):
        chosen.setdefault(slugify(name), name)
    return tuple(chosen.values())


def clean_tags(names: Iterable[str]) -> tuple[tuple[str, ...], str | None]:
    """Return the valid tags among `names`, and the invalid names on one line, or None."""
    good: list[str] = []
    bad: list[str] = []
    for name in names:
        tag = _clean_tag(name)
        if tag:
            good.append(tag)
        elif tag is None:
            bad.append(escape(name.strip()[:40]))
    more = f" and {len(bad) - _LISTED_TAGS} more" if len(bad) > _LISTED_TAGS else ""
    return deduplicate_tags(good), (", ".join(bad[:_LISTED_TAGS]) + more) or None


@lru_cache(maxsize=1 << 16)
def _clean_tag(name: str) -> str | None:
    """Return the tag, an empty string if `name` is blank, None if it is not valid."""
    tag = " ".join(name.split())
    return tag if not tag or (_is_tag(tag) and _is_tag(slugify(tag))) else None


def _is_tag(text: str) -> bool:
    return len(text) <= LONGEST_TAG and is_valid_name(text)


def split_tags(value: object) -> list[str] | None:
    """Return the strings in `value`, a text with commas or nested lists; None if it is neither."""
    if isinstance(value, str):
        return value.split(",")
    if isinstance(value, list):
        names: list[str] = []
        for item in value:
            if isinstance(item, str):
                names.append(item)
            elif isinstance(item, list):
                names += split_tags(item) or ()
            elif isinstance(item, dict):
                # YAML reads the list item `- area: sql` as a mapping.
                names += (f"{key}: {text}" if text else key for key, text in item.items())
        return names
    return None
