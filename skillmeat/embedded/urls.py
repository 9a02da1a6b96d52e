"""libpq URLs: how a socket and a database are written so that every client reads them alike."""

import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import psycopg
from psycopg.conninfo import conninfo_to_dict

# Stated in every URL, since libpq would otherwise let PGPORT decide.
PORT = 5432

_SECRETS = frozenset(
    {"password", "sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key"}
)
_PORTS = re.compile(r"[0-9,]*")
_CREDENTIALS = re.compile(r"[^@/]*@")


def socket_url(directory: Path, database: str = "postgres") -> str:
    """The URL of `database` on the server whose socket is in `directory`.

    psql, psycopg and SQLAlchemy all read it, whatever bytes the path is made of.
    """
    host = quote(os.fsencode(directory))
    return f"postgresql://postgres@:{PORT}/{quote(database, safe='')}?host={host}"


def with_database(url: str, database: str) -> str:
    """`url` with its database replaced, everything else untouched."""
    # urllib's urlunsplit drops the empty authority of postgresql:///db?host=/path.
    scheme, credentials, location, parameters = _parts(url)
    authority = location.partition("/")[0]
    return f"{scheme}{credentials}{authority}/{quote(database, safe='')}{parameters}"


def without_password(url: str) -> str:
    """`url` as it may be shown."""
    scheme, credentials, location, parameters = _parts(url)
    user = credentials and credentials[:-1].partition(":")[0] + "@"
    kept = [
        each
        for each in parameters[1:].split("&")
        if unquote(each.partition("=")[0]) not in _SECRETS
    ]
    return f"{scheme}{user}{location}{'?' if any(kept) else ''}{'&'.join(kept)}"


def read_as_libpq(url: str) -> dict[str, Any] | None:
    """What libpq reads in `url`; None where it reads nothing, or a piece of a password elsewhere.

    A bare @, / or : in a password strays into the host, the port or the database, which would be
    quoted in errors.
    """
    try:
        found = conninfo_to_dict(url)
    except psycopg.Error:
        return None
    strayed = (
        "@" in str(found.get("host") or "")[1:]
        or not _PORTS.fullmatch(str(found.get("port") or ""))
        or ("://" in url and "@" in str(found.get("dbname") or "") and "%40" not in url)
    )
    return None if strayed else found


def _parts(url: str) -> tuple[str, str, str, str]:
    """Scheme, credentials, location and parameters, parted where libpq parts them.

    A password may hold a ?.
    """
    scheme, separator, rest = url.partition("://")
    found = _CREDENTIALS.match(rest)
    credentials = found[0] if found else ""
    location, question_mark, parameters = rest[len(credentials) :].partition("?")
    return scheme + separator, credentials, location, question_mark + parameters
