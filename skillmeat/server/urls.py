"""libpq URLs: how a socket and a database are written so that every client reads them alike."""

import os
from pathlib import Path
from urllib.parse import quote

# Stated in every URL, since libpq would otherwise let PGPORT decide.
PORT = 5432

_SECRETS = ("password=", "sslpassword=", "oauth_client_secret=")


def socket_url(directory: Path, database: str = "postgres") -> str:
    """The URL of `database` on the server whose socket is in `directory`.

    psql, psycopg and SQLAlchemy all read it, whatever bytes the path is made of.
    """
    host = quote(os.fsencode(directory))
    return f"postgresql://postgres@:{PORT}/{quote(database, safe='')}?host={host}"


def with_database(url: str, database: str) -> str:
    """`url` with its database replaced, everything else untouched."""
    # urllib's urlunsplit drops the empty authority of postgresql:///db?host=/path.
    scheme, separator, rest = url.partition("://")
    location, question_mark, parameters = rest.partition("?")
    authority = location.partition("/")[0]
    return f"{scheme}{separator}{authority}/{quote(database, safe='')}{question_mark}{parameters}"


def without_password(url: str) -> str:
    """`url` as it may be shown."""
    scheme, separator, rest = url.partition("://")
    location, question_mark, parameters = rest.partition("?")
    user, at, host = location.rpartition("@")
    kept = [each for each in parameters.split("&") if not each.startswith(_SECRETS)]
    return (
        f"{scheme}{separator}{user.partition(':')[0]}{at}{host}"
        f"{question_mark if any(kept) else ''}{'&'.join(kept)}"
    )
