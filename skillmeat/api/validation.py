"""The messages of invalid requests: what is wrong with a field, and what to send instead."""

from collections.abc import Mapping
from typing import Any, Final

from skillmeat.api import schemas
from skillmeat.api.entity_tags import IF_MATCH
from skillmeat.api.params import NOT_NUL
from skillmeat.api.schemas.groups import GROUP_COLOR, GROUP_TAG
from skillmeat.api.schemas.tags import TAG_COLOR

PATTERNS: Final = {
    schemas.NAME: "must have no control characters, and no space at its start or end",
    schemas.TEXT: "must contain no NUL, which PostgreSQL cannot store",
    NOT_NUL: "must not be empty, and must contain no NUL",
    GROUP_TAG: "must be up to 32 ASCII letters, digits, '_' and '-'",
    GROUP_COLOR: "must be slate, blue, green, amber, rose, or # and 3, 6 or 8 hex digits",
    TAG_COLOR: "must be # and six hex digits",
    IF_MATCH: "must be *, or the ETag or the updated_at of the row in double quotes",
}
# By Pydantic's types of errors.
PROBLEMS: Final = {
    "missing": "is missing",
    "string_type": "must be a text",
    "string_unicode": "must be valid Unicode, without half a surrogate pair",
    "string_too_short": "must not be empty",
    "string_too_long": "must have at most {max_length} characters",
    "list_type": "must be a list",
    "too_short": "must not be empty",
    "too_long": "must have at most {max_length} items",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "must be a smaller number",
    "int_from_float": "must be a whole number",
    "finite_number": "must be a whole number",
    "greater_than_equal": "must be {ge} or more",
    "less_than_equal": "must be {le} or less",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "literal_error": "must be {expected}",
    "missing_key": "must have {keys}",
    "json_invalid": "must be JSON: {error}",
    "model_attributes_type": "must be an object",
    "model_type": "must be an object",
    "dict_type": "must be an object",
}


def describe_problem(error: Mapping[str, Any]) -> str:
    """Describe one of Pydantic's errors, in words that do not name a pattern."""
    if isinstance(error.get("input"), bytes):
        # FastAPI parses a body of no other type, and passes its bytes on.
        return "the body must be JSON: send the header Content-Type: application/json"
    context = error.get("ctx", {})
    problem = PATTERNS.get(context.get("pattern")) or PROBLEMS.get(error["type"])
    if problem is None:
        return str(error["msg"])
    return f"{_name_field(error['loc'])} {problem.format_map(context)}"


def _name_field(location: tuple[str | int, ...]) -> str:
    """Return the name of a field; the position in a list is counted from 1."""
    match location:
        case ("body",) | ("body", int()):
            return "the body"
        case (*_, str(name), int(at)):
            return f"item {at + 1} of {name}"
        case (*_, str(name)):
            return name
    return "the request"
