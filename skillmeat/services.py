"""The catalogues that libpq's connection service file names, so that psql knows the same names."""

import os
import re
from collections.abc import Iterator, Mapping
from configparser import ConfigParser, Error
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from skillmeat.errors import SkillMeatError

_SEARCH_PATH: Final = re.compile(r"(?:-c\s*|--)search_path=((?:\\.|[^\\\s])*)")
_FIRST_NAME: Final = re.compile(r'\s*(?:"((?:[^"]|"")+)"|([^",\s]+))')


@dataclass(frozen=True, slots=True)
class Service:
    """A service: its libpq URL, its options, and the schema at the start of its search path."""

    name: str
    url: str
    options: str | None
    schema: str | None


def list_services() -> tuple[Service, ...]:
    """List the services of the user's file, then those of the system's.

    They are PGSERVICEFILE, by default ~/.pg_service.conf, and pg_service.conf in PGSYSCONFDIR.
    Raises `SkillMeatError` if there is no service, or a file cannot be read.
    """
    services = tuple(_read_service(name, section) for name, section in _read_files().items())
    if not services:
        files = " and ".join(map(str, _find_files()))
        message = (
            f"there is no service in {files}: write [NAME] and lines such as host=…, dbname=… and "
            "options=-c search_path=SCHEMA, or set PGSERVICEFILE"
        )
        raise SkillMeatError(message)
    return services


def get_service(name: str) -> Service:
    """Return the service of this name. Raises `SkillMeatError` if there is none."""
    services = list_services()
    for each in services:
        if each.name == name:
            return each
    message = f"there is no service {name!r}: there are {', '.join(each.name for each in services)}"
    raise SkillMeatError(message)


def find_options(name: str) -> str | None:
    """Return the options of a service, which libpq ignores if a client gives its own."""
    section = _read_files().get(name)
    return None if section is None else section.get("options")


def _find_files() -> Iterator[Path]:
    yield Path(os.environ.get("PGSERVICEFILE") or Path.home() / ".pg_service.conf")
    if folder := os.environ.get("PGSYSCONFDIR"):
        yield Path(folder) / "pg_service.conf"


def _read_files() -> Mapping[str, Mapping[str, str]]:
    """Read the sections of all files; as in libpq, the first of a name is the one that counts."""
    found: dict[str, Mapping[str, str]] = {}
    for path in _find_files():
        parser = ConfigParser(
            delimiters=("=",), comment_prefixes=("#",), interpolation=None, allow_no_value=True
        )
        try:
            # libpq has no continuation lines, which ConfigParser tells by their indentation.
            lines = path.read_text().splitlines()
            parser.read_string("\n".join(map(str.strip, lines)), str(path))
        except FileNotFoundError:
            continue
        except (OSError, UnicodeError, Error) as error:
            message = f"the service file {path} cannot be read: {' '.join(str(error).split())}"
            raise SkillMeatError(message) from error
        for name in parser.sections():
            found.setdefault(name, parser[name])
    return found


def _read_service(name: str, section: Mapping[str, str]) -> Service:
    options = section.get("options")
    return Service(
        name, f"postgresql:///?service={quote(name, safe='')}", options, _find_schema(options or "")
    )


def _find_schema(options: str) -> str | None:
    paths = _SEARCH_PATH.findall(options)
    first = _FIRST_NAME.match(re.sub(r"\\(.)", r"\1", paths[-1])) if paths else None
    if first is None:
        return None
    quoted, plain = first.groups()
    return quoted.replace('""', '"') if quoted else plain.lower()
