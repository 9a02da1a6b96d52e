"""The text of an artifact that the import keeps: its file without the secrets in its fields."""

import re
from typing import Any, Final

import yaml

from skillmeat.importer.readers.front_matter import find_front_matter
from skillmeat.importer.readers.model import JSON, SourceReadError
from skillmeat.importer.readers.redaction import CONFIGURATION_FIELDS

LARGEST: Final = 1024 * 1024

# These fields may hold secrets in values that are replaced, and beside them in comments, in a key
# that is there twice, or in a field that cannot be read.
_MAY_HOLD_SECRETS = re.compile(
    rf"\b(?:{'|'.join(CONFIGURATION_FIELDS)})\b[\"']?[ \t]*:|^[ \t]*\?", re.MULTILINE
)
_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_UNREAD: Final = SourceReadError(
    "its text is not kept, because its front matter cannot be read and may hold secrets",
    advice="correct the front matter",
)
_HOLDS_NUL: Final = SourceReadError(
    "its text is not kept, because it holds a NUL character", advice="remove the character"
)


def redact_content(
    text: str, fields: dict[str, JSON], *, is_redacted: bool
) -> tuple[str | None, SourceReadError | None]:
    """Return the text to keep of a file with front matter, and why it is None.

    `fields` are those of the front matter without secrets. If secrets were replaced, or could stand
    where they are not replaced, the fields are written again in place of the front matter.
    """
    start, end = find_front_matter(text)
    if not (is_redacted or _may_hold_secrets(text[start:end])):
        return text, None
    if not fields:
        return None, _UNREAD
    front_matter = yaml.dump(
        fields, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100_000
    )
    return f"---\n{front_matter}---{text[end:]}", None


def _may_hold_secrets(front_matter: str) -> bool:
    # Most front matter holds none of these texts, and finding that out takes less than the pattern.
    is_suspect = "?" in front_matter or any(key in front_matter for key in CONFIGURATION_FIELDS)
    return is_suspect and _MAY_HOLD_SECRETS.search(front_matter) is not None


def check_content(content: str) -> SourceReadError | None:
    """Return why the catalogue cannot keep a text, or None."""
    if "\x00" in content:
        return _HOLDS_NUL
    # Every character has at least one byte, and at most four.
    if len(content) * 4 > LARGEST and (size := len(content.encode())) > LARGEST:
        return SourceReadError(
            "its text is not kept, because it is larger than 1 MiB",
            f"it has {size / LARGEST:.1f} MiB",
            "make it shorter",
        )
    return None
