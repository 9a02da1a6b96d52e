"""Slugs: two tags with the same slug are the same tag."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

_SEPARATORS: Final = re.compile(r"[\s_-]+")


@lru_cache(maxsize=1 << 16)
def slugify(name: str) -> str:
    """Return the slug of a tag's name, equal for `Zero Downtime`, `zero_downtime`, `zero-downtime`.

    It ignores case, width and separators; `c++`, `c#` and `lang/python` stay as they are.
    """
    return _SEPARATORS.sub("-", unicodedata.normalize("NFKC", name).casefold()).strip("-")
