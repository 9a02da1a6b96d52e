"""What the environment says: which server, which schema, where an embedded server keeps its data.

Read when asked for, never at import, so that a test or a service may set it late.
"""

import os
import re
import unicodedata
from pathlib import Path

from platformdirs import user_data_path

from skillmeat.errors import InvalidSchemaName

DEFAULT_SCHEMA = "skillmeat"

# Roles are named after the schema, and `_reader` has to fit into PostgreSQL's 63 bytes as well.
_LONGEST_SCHEMA = 56


def database_url() -> str | None:
    """The libpq URL in SKILLMEAT_DATABASE_URL, or None where the embedded server is meant."""
    return os.environ.get("SKILLMEAT_DATABASE_URL") or None


def schema(name: str | None = None) -> str:
    """The schema that holds the catalogue: `name`, else SKILLMEAT_SCHEMA, else `skillmeat`.

    Any name, as it is, capitals and spaces included. Raises `InvalidSchemaName` for one of over 56
    bytes, one with control characters, and one that means something else to
    PostgreSQL (`pg_…`, `$user`).
    """
    chosen = name or os.environ.get("SKILLMEAT_SCHEMA") or DEFAULT_SCHEMA
    encoded = chosen.encode(errors="surrogatepass")
    reserved = chosen.startswith("pg_") or chosen in ("information_schema", "$user")
    printable = not any(unicodedata.category(each) in ("Cc", "Cs") for each in chosen)
    if reserved or not printable or len(encoded) > _LONGEST_SCHEMA:
        raise InvalidSchemaName(chosen)
    return chosen


def search_path_option(schema: str) -> str:
    """The libpq option that makes `schema` the search path, temporary objects after it."""
    path = f'"{schema.replace(chr(34), 2 * chr(34))}",pg_temp'
    return "-c search_path=" + re.sub(r"([\\\s])", r"\\\1", path)


def data_dir() -> Path:
    """The folder of the embedded server: SKILLMEAT_DATA_DIR, else the user's data directory."""
    chosen = os.environ.get("SKILLMEAT_DATA_DIR")
    return Path(chosen).expanduser().absolute() if chosen else user_data_path("skillmeat")
