"""The parser of JSON files, in which a field may hold a value of any type."""

import json
from collections import Counter
from typing import NoReturn

from skillmeat.importer.readers import safe_files
from skillmeat.importer.readers.model import JSON
from skillmeat.importer.readers.safe_files import UnreadableError
from skillmeat.importer.readers.text import escape

NOT_AN_OBJECT = "is not a JSON object"
OBJECT_RULE = "write an object, in braces"
_NOT_JSON = "is not valid JSON"
_RULES = "JSON has no comments, and no comma before a closing bracket"


def read_json(path: str) -> tuple[JSON, tuple[str, ...]]:
    """Return the value in the file, and the keys that an object in it has twice.

    Raises `UnreadableError`.
    """
    return parse_json(safe_files.read_file(path))


def parse_json(data: bytes) -> tuple[JSON, tuple[str, ...]]:
    """Return the value in `data`, and the keys that an object in it has twice.

    Raises `UnreadableError`. Its texts quote nothing from `data`, which may hold secrets.
    """
    repeated: dict[str, None] = {}

    def build_object(pairs: list[tuple[str, JSON]]) -> dict[str, JSON]:
        built = dict(pairs)
        if len(built) < len(pairs):
            counts = Counter(key for key, _ in pairs)
            repeated.update(dict.fromkeys(key for key in built if counts[key] > 1))
        return built

    text = safe_files.decode_text(data)
    try:
        value: JSON = json.loads(
            text, object_pairs_hook=build_object, parse_constant=_refuse_constant
        )
    except json.JSONDecodeError as error:
        raise UnreadableError(_NOT_JSON, f"line {error.lineno}: {error.msg}", _RULES) from None
    except (ValueError, RecursionError):
        detail = "it is nested too deep, or a number is too long or not a number"
        raise UnreadableError(_NOT_JSON, detail, "correct the JSON") from None
    return value, tuple(escape(key)[:80] for key in repeated)


def name_type(value: object) -> str:
    """Return the type of a JSON value, and not the value, which may be a secret."""
    if isinstance(value, bool):
        return "true or false"
    names = {str: "a text", dict: "an object", list: "a list", int: "a number", float: "a number"}
    return names.get(type(value), "null")


def _refuse_constant(_name: str) -> NoReturn:
    # Python reads NaN and Infinity, which are no JSON and which PostgreSQL refuses.
    raise ValueError
