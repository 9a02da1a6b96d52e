"""Text as it may go to a terminal: what the catalogue holds cannot move the cursor."""

import json
import unicodedata
from collections.abc import Mapping
from datetime import datetime


def shown(value: object) -> str:
    """Any value of the catalogue on one line; names and ids stay as they are."""
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case datetime():
            return value.isoformat(sep=" ", timespec="seconds")
        case tuple() | list():
            return ", ".join(map(shown, value)) or "-"
        case Mapping():
            return json.dumps(value, ensure_ascii=False, default=str)
        case _:
            return visible(str(value))


def one_line(text: str) -> str:
    """Prose on one line, whatever breaks and indents it has."""
    return visible(" ".join(line.strip() for line in text.splitlines()))


def visible(text: str) -> str:
    """`text` with its control characters escaped."""
    if text.isprintable():
        return text
    return "".join(map(_visible, text))


def _visible(character: str) -> str:
    # Zl and Zp break lines in some terminals; Cs cannot be encoded.
    if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp"):
        return character.encode("unicode_escape").decode()
    return character
