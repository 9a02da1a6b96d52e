"""The environment variables: the servers, the schema, the embedded server's folder, preparing.

A function reads its variable when it is called, not at import: a test may set it late.
"""

import os
import re
import unicodedata
from pathlib import Path

from platformdirs import user_data_path

from skillmeat.errors import InvalidSchemaName, ServerError, SkillMeatError

DEFAULT_SCHEMA = "skillmeat"

# A role's name is the schema's with a suffix such as `_reader`, within PostgreSQL's 63 bytes.
_MAX_SCHEMA_BYTES = 56


def get_database_url() -> str | None:
    """Return SKILLMEAT_DATABASE_URL, a libpq URL, or None for the embedded server."""
    return os.environ.get("SKILLMEAT_DATABASE_URL") or None


def get_read_url() -> str | None:
    """Return SKILLMEAT_READ_URL, a libpq URL of standbys, or None to read from the primary."""
    return os.environ.get("SKILLMEAT_READ_URL") or None


def get_schema(name: str | None = None) -> str:
    """Return the schema that holds the catalogue: `name`, else SKILLMEAT_SCHEMA, else `skillmeat`.

    The name is taken as it is, capitals and spaces included. Raises `InvalidSchemaName` for more
    than 56 bytes, control characters, and names that PostgreSQL reserves (`pg_…`, `$user`).
    """
    schema = name or os.environ.get("SKILLMEAT_SCHEMA") or DEFAULT_SCHEMA
    is_reserved = schema.startswith("pg_") or schema in ("information_schema", "$user")
    is_printable = not any(unicodedata.category(each) in ("Cc", "Cs") for each in schema)
    is_too_long = len(schema.encode(errors="surrogatepass")) > _MAX_SCHEMA_BYTES
    if is_reserved or not is_printable or is_too_long:
        raise InvalidSchemaName(schema)
    return schema


def get_prepare() -> bool | None:
    """Return SKILLMEAT_PREPARE: whether statements are prepared, or None to find that out.

    Raises `SkillMeatError` for anything but yes and no.
    """
    value = os.environ.get("SKILLMEAT_PREPARE") or None
    if value not in (None, "yes", "no"):
        message = f"SKILLMEAT_PREPARE is {value!r}: write yes or no, or unset it"
        raise SkillMeatError(message)
    return None if value is None else value == "yes"


def build_search_path_option(schema: str) -> str:
    """Build the libpq option that makes `schema` the search path, temporary objects after it."""
    path = f'"{schema.replace(chr(34), 2 * chr(34))}",pg_temp'
    return "-c search_path=" + re.sub(r"([\\\s])", r"\\\1", path)


def get_data_dir() -> Path:
    """Return the embedded server's folder: SKILLMEAT_DATA_DIR, else the user's data directory.

    Raises `ServerError` if that is in the home of a user who has none.
    """
    path = os.environ.get("SKILLMEAT_DATA_DIR")
    try:
        folder = Path(path) if path else user_data_path("skillmeat")
        return folder.expanduser().absolute()
    except RuntimeError as error:
        whose = path or "this user"
        message = f"there is no home directory for {whose}: set SKILLMEAT_DATA_DIR to a full path"
        raise ServerError(message) from error
