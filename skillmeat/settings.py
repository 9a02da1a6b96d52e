"""What the environment says: which server, which schema, where an embedded server keeps its data.

Read when asked for, never at import, so that a test or a service may set it late.
"""

import os
import re
from pathlib import Path

from platformdirs import user_data_path

from skillmeat.errors import InvalidSchemaName

DEFAULT_SCHEMA = "skillmeat"

# Roles are named after the schema, so its suffix has to fit into PostgreSQL's 63 bytes as well.
_SCHEMA_NAME = re.compile(r"[a-z_][a-z0-9_]{0,52}")


def database_url() -> str | None:
    """The libpq URL in SKILLMEAT_DATABASE_URL, or None where the embedded server is meant."""
    return os.environ.get("SKILLMEAT_DATABASE_URL") or None


def schema(name: str | None = None) -> str:
    """The schema that holds the catalogue: `name`, else SKILLMEAT_SCHEMA, else `skillmeat`.

    Raises `InvalidSchemaName` unless it is a plain lowercase identifier of at most 53 characters
    that PostgreSQL does not reserve (`pg_…`).
    """
    chosen = name or os.environ.get("SKILLMEAT_SCHEMA") or DEFAULT_SCHEMA
    if not _SCHEMA_NAME.fullmatch(chosen) or chosen.startswith("pg_"):
        raise InvalidSchemaName(chosen)
    return chosen


def data_dir() -> Path:
    """The folder of the embedded server: SKILLMEAT_DATA_DIR, else the user's data directory."""
    chosen = os.environ.get("SKILLMEAT_DATA_DIR")
    return Path(chosen).expanduser().absolute() if chosen else user_data_path("skillmeat")
