"""The YAML between two `---` lines at the start of a file, and the columns in it."""

import re

from skillmeat.importer.readers import safe_yaml
from skillmeat.importer.readers.model import JSON

# Columns are text: `version: 1.10` is not 1.1, and the tag `on` is not true.
COLUMNS = frozenset(
    ("title", "description", "author", "license", "licence", "version", "tags", "name")
)

# Agent Skills keep author and version in a mapping of this name.
NESTED = "metadata"

_OPENING = re.compile(r"---[ \t]*\r?\n")
_CLOSING = re.compile(r"^---[ \t]*\r?$", re.MULTILINE)


class BrokenFrontMatterError(Exception):
    """Why the front matter cannot be used, in one line."""


def front_matter(text: str) -> dict[str, JSON]:
    """The mapping at the start of `text`, safe to store; raises `BrokenFrontMatterError`."""
    opening = _OPENING.match(text)
    if opening is None:
        message = "no front matter"
        raise BrokenFrontMatterError(message)
    closing = _CLOSING.search(text, opening.end())
    if closing is None:
        message = "front matter is not closed by a line ---"
        raise BrokenFrontMatterError(message)
    if closing.start() - opening.end() > safe_yaml.LARGEST:
        message = f"front matter is larger than {safe_yaml.LARGEST // 1024} KiB"
        raise BrokenFrontMatterError(message)
    try:
        fields = safe_yaml.load_yaml(
            text[opening.end() : closing.start()], verbatim=COLUMNS, within=NESTED
        )
    except safe_yaml.NotPlainError as error:
        message = f"front matter {error}"
        raise BrokenFrontMatterError(message) from None
    if fields is None:
        message = "front matter is empty"
        raise BrokenFrontMatterError(message)
    if not isinstance(fields, dict):
        message = "front matter is not a mapping (key: value)"
        raise BrokenFrontMatterError(message)
    return fields
