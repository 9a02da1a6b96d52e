"""The catalogues that libpq's connection service file names, so that psql knows the same names."""

import os
import re
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import ascii_lowercase, ascii_uppercase
from typing import Final
from urllib.parse import quote

from skillmeat.errors import SkillMeatError
from skillmeat.settings.file_editing import edit_file

_SEARCH_PATH: Final = re.compile(r"(?:-c\s*|--)search_path=((?:\\.|[^\\\s])*)")
_FIRST_NAME: Final = re.compile(r'\s*(?:"((?:[^"]|"")+)"|([^",\s]+))')
# What libpq can read back: it ends a name at `]`, and a value at the last visible character.
_NAME: Final = re.compile(r"[^\s\[\]\x00-\x1f\x7f](?:[^\[\]\x00-\x1f\x7f]*[^\s\[\]\x00-\x1f\x7f])?")
_VALUE: Final = re.compile(r"(?:[^\s\x00-\x1f\x7f](?:[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f])?)?")

# PostgreSQL folds the case of no other letter of a name.
_FOLD_CASE: Final = str.maketrans(ascii_uppercase, ascii_lowercase)

# What C's isspace() names: libpq strips no other space.
_SPACE: Final = " \t\n\v\f\r"
GONE: Final = "there is no service {!r} any more: another program has removed it"

Edit = Callable[[list[str]], list[str]]


@dataclass(frozen=True, slots=True)
class Service:
    """A service: its libpq URL, its parameters, and the schema at the start of its search path."""

    name: str
    url: str
    parameters: Mapping[str, str]
    schema: str | None


class ServiceFileWatcher:
    """A watcher of the service files, which reports each change of them once."""

    def __init__(self) -> None:
        self._versions: list[tuple[int, int, int] | None] = []
        self.has_changed()

    def has_changed(self) -> bool:
        """Return whether a file has been changed, made or removed since the last call."""
        before, self._versions = self._versions, [_get_version(each) for each in _find_files()]
        return self._versions != before


def list_services() -> tuple[Service, ...]:
    """List the services of the user's file, then those of the system's.

    They are PGSERVICEFILE, by default ~/.pg_service.conf, and pg_service.conf in PGSYSCONFDIR.
    Raises `SkillMeatError` if there is no service, or a file cannot be read.
    """
    services = tuple(_read_services())
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


def find_service(name: str) -> Service | None:
    """Return the service of this name, None if there is none or no file."""
    return next((each for each in _read_services() if each.name == name), None)


def remove_search_path(options: str) -> str:
    """Remove each search path from libpq's options."""
    return " ".join(_SEARCH_PATH.sub("", options).split())


def check_service_name(name: str) -> None:
    """Raise `SkillMeatError` for a name that the file cannot hold."""
    if not _NAME.fullmatch(name):
        message = (
            f"service name {name!r} is not allowed: use visible characters other than [ and ], "
            "without a space at either end"
        )
        raise SkillMeatError(message)


def write_service(name: str, parameters: Mapping[str, str]) -> Path:
    """Write a new service at the end of the user's file, and return the path of the file.

    All other lines, comments included, stay. Raises `SkillMeatError` if there is such a service
    already, or if it cannot be written.
    """
    check_service_name(name)
    new = _format_lines(parameters)

    def append(lines: list[str]) -> list[str]:
        if _find_section(lines, name) is not None:
            message = f"there is a service {name!r} already: choose another name"
            raise SkillMeatError(message)
        if not lines[-1]:
            # The end of the last line, not an empty one.
            lines.pop()
        separator = [""] if lines and lines[-1].strip() else []
        return [*lines, *separator, f"[{name}]", *new, ""]

    if found := _find_files_of(name):
        message = f"there is a service {name!r} in {found[0]} already: choose another name"
        raise SkillMeatError(message)
    path = next(_find_files())
    _edit(path, append)
    return path


def change_service(name: str, change: Callable[[Mapping[str, str]], Mapping[str, str]]) -> None:
    """Change the parameters of a service in its file; `change` gets those of that moment.

    All other lines, comments included, stay. Raises `SkillMeatError` if there is no such service,
    or if it cannot be written.
    """

    def exchange(lines: list[str]) -> list[str]:
        section = _find_section(lines, name)
        if section is None:
            raise SkillMeatError(GONE.format(name))
        header, *body = lines[section]
        parameters = _parse("\n".join(lines[section]))[name]
        comments = [line for line in body if _is_comment(line)]
        lines[section] = [header, *comments, *_format_lines(change(parameters))]
        return lines

    _edit(_get_file_of(name), exchange)


def refuse_unwritable_service(name: str) -> None:
    """Raise `SkillMeatError` if the file of a service cannot be written; change nothing in it."""
    _edit(_get_file_of(name), lambda lines: lines)


def remove_service(name: str) -> None:
    """Remove a service, with the comments between its lines, from each file that has it.

    All other lines stay. Raises `SkillMeatError` if a file cannot be written.
    """

    def cut(lines: list[str]) -> list[str]:
        # The first of a name counts, so a second one would appear in its place.
        while (section := _find_section(lines, name)) is not None:
            has_separator = section.start > 0 and not lines[section.start - 1].strip()
            lines[section.start - has_separator : section.stop] = []
        return lines

    for path in _find_files_of(name):
        _edit(path, cut)


def _edit(path: Path, change: Edit) -> None:
    """Change the lines of a service file, which libpq splits at nothing but line feeds."""
    edit_file(
        path,
        lambda text: "\n".join(change(text.split("\n"))),
        name="the service file",
        remedy="set PGSERVICEFILE",
    )


def _format_lines(parameters: Mapping[str, str]) -> list[str]:
    for key, value in parameters.items():
        if not (_VALUE.fullmatch(value) and _VALUE.fullmatch(key)) or {"=", "#", "["} & {*key}:
            message = f"a service file cannot hold {key}={value!r}: leave out what is not printable"
            raise SkillMeatError(message)
    return [f"{key}={value}" for key, value in parameters.items()]


def _find_section(lines: list[str], name: str) -> slice | None:
    """Find the lines of a service: its header, and all until its last parameter.

    What follows belongs to the next service, such as a comment above it.
    """
    start = next(
        (at for at, line in enumerate(lines) if line.strip().startswith(f"[{name}]")), None
    )
    if start is None:
        return None
    end = start + 1
    for at, line in enumerate(lines[start + 1 :], start + 1):
        if line.strip().startswith("["):
            break
        if not _is_comment(line):
            end = at + 1
    return slice(start, end)


def _is_comment(line: str) -> bool:
    return not line.strip() or line.strip().startswith("#")


def _find_files() -> Iterator[Path]:
    # A user without a home has no such file, as in libpq; `Path.home()` would raise.
    in_home = os.path.expanduser("~/.pg_service.conf")  # noqa: PTH111
    yield Path(os.environ.get("PGSERVICEFILE") or in_home)
    if folder := os.environ.get("PGSYSCONFDIR"):
        yield Path(folder) / "pg_service.conf"


def _get_version(path: Path) -> tuple[int, int, int] | None:
    """Return what differs once a file has been changed: its inode, size and time."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _find_files_of(name: str) -> list[Path]:
    return [path for path, sections in _read_files() if name in sections]


def _get_file_of(name: str) -> Path:
    for path in _find_files_of(name):
        return path
    raise SkillMeatError(GONE.format(name))


def _read_services() -> Iterator[Service]:
    """Yield the services of all files; as in libpq, the first of a name is the one that counts."""
    seen: set[str] = set()
    for _, sections in _read_files():
        for name, parameters in sections.items():
            if name not in seen:
                seen.add(name)
                yield _read_service(name, parameters)


def _read_files() -> Iterator[tuple[Path, Mapping[str, Mapping[str, str]]]]:
    for path in _find_files():
        try:
            if not stat.S_ISREG(path.stat().st_mode):
                # A reader of a pipe may wait for ever, and no new file may replace a device.
                message = f"the service file {path} is not a regular file: replace it"
                raise SkillMeatError(message)
            # libpq reads bytes: text in another encoding concerns only the service that has it.
            text = path.read_bytes().decode("utf-8", "replace")
        except FileNotFoundError:
            continue
        except OSError as error:
            message = f"the service file {path} cannot be read: {error.strerror}: set PGSERVICEFILE"
            raise SkillMeatError(message) from error
        yield path, _parse(text)


def _parse(text: str) -> dict[str, dict[str, str]]:
    """Return the parameters of each service, by libpq's rules and not those of other INI files.

    The first section of a name and the first value of a key count. Lines above the first section
    are ignored. libpq reports a line that it cannot read once its service is used.
    """
    services: dict[str, dict[str, str]] = {}
    parameters: dict[str, str] = {}
    for line in (each.strip(_SPACE) for each in text.split("\n")):
        if line.startswith("["):
            name, bracket, _ = line[1:].partition("]")
            parameters = {}
            if bracket:
                services.setdefault(name, parameters)
        elif not _is_comment(line):
            key, _, value = line.partition("=")
            parameters.setdefault(key, value)
    return services


def _read_service(name: str, parameters: Mapping[str, str]) -> Service:
    return Service(
        name,
        f"postgresql:///?service={quote(name, safe='')}",
        parameters,
        _find_schema(parameters.get("options", "")),
    )


def _find_schema(options: str) -> str | None:
    paths = _SEARCH_PATH.findall(options)
    first = _FIRST_NAME.match(re.sub(r"\\(.)", r"\1", paths[-1])) if paths else None
    if first is None:
        return None
    quoted, plain = first.groups()
    return quoted.replace('""', '"') if quoted else plain.translate(_FOLD_CASE)
