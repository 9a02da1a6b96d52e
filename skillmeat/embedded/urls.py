"""Write and read libpq URLs in a form that every client understands in the same way."""

import os
import re
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import psycopg
from psycopg.conninfo import conninfo_to_dict

# Stated in every URL, since libpq would otherwise let PGPORT decide.
PORT = 5432

SECRETS = frozenset(
    {"password", "sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key"}
)
_PORTS = re.compile(r"[0-9,]*")
_CREDENTIALS = re.compile(r"[^@/]*@")


def make_socket_url(directory: Path, database: str = "postgres") -> str:
    """Return the URL of `database` on the server whose socket is in `directory`.

    psql, psycopg and SQLAlchemy all read it, for a path of any bytes.
    """
    host = quote(os.fsencode(directory))
    # libpq would prefer an address to the host. Drivers without libpq do not know the parameter.
    no_address = "&hostaddr=" if {"PGHOSTADDR", "PGSERVICE"} & os.environ.keys() else ""
    return f"postgresql://postgres@:{PORT}/{quote(database, safe='')}?host={host}{no_address}"


def replace_database(url: str, database: str) -> str:
    """Replace the database in `url`, and nothing else."""
    # urllib's urlunsplit drops the empty authority of postgresql:///db?host=/path.
    scheme, credentials, location, parameters = _split(url)
    authority = location.partition("/")[0]
    # A parameter would replace the database of the path.
    kept = _remove_parameters(parameters, {"dbname"})
    return f"{scheme}{credentials}{authority}/{quote(database, safe='')}{kept}"


def remove_password(url: str) -> str:
    """Remove every secret from `url`, which may then be shown."""
    scheme, credentials, location, parameters = _split(url)
    user = credentials and credentials[:-1].partition(":")[0] + "@"
    return f"{scheme}{user}{location}{_remove_parameters(parameters, SECRETS)}"


def parse_libpq_url(url: str) -> dict[str, Any] | None:
    """Parse `url` as libpq does; None if libpq cannot, or would misread a part of a password.

    A bare @, / or : in a password moves a part of it into the host, the port or the database, which
    error messages quote.
    """
    try:
        found = conninfo_to_dict(url)
    except psycopg.Error:
        return None
    is_misread = (
        "@" in str(found.get("host") or "")[1:]
        or not _PORTS.fullmatch(str(found.get("port") or ""))
        or ("://" in url and "@" in str(found.get("dbname") or "") and "%40" not in url)
    )
    return None if is_misread else found


def _remove_parameters(parameters: str, names: AbstractSet[str]) -> str:
    given = parameters[1:].split("&")
    kept = [each for each in given if unquote(each.partition("=")[0]) not in names]
    return f"{'?' if any(kept) else ''}{'&'.join(kept)}"


def _split(url: str) -> tuple[str, str, str, str]:
    """Split into scheme, credentials, location and parameters, where libpq splits.

    A password may hold a ?.
    """
    scheme, separator, rest = url.partition("://")
    found = _CREDENTIALS.match(rest)
    credentials = found[0] if found else ""
    location, question_mark, parameters = rest[len(credentials) :].partition("?")
    return scheme + separator, credentials, location, question_mark + parameters
