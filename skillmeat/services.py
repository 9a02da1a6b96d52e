"""The catalogues that libpq's connection service file names, so that psql knows the same names."""

import fcntl
import os
import re
import stat
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from skillmeat.errors import SkillMeatError

_SEARCH_PATH: Final = re.compile(r"(?:-c\s*|--)search_path=((?:\\.|[^\\\s])*)")
_FIRST_NAME: Final = re.compile(r'\s*(?:"((?:[^"]|"")+)"|([^",\s]+))')
# What libpq can read back: it ends a name at `]`, and a value at the last visible character.
_NAME: Final = re.compile(r"[^\s\[\]\x00-\x1f\x7f](?:[^\[\]\x00-\x1f\x7f]*[^\s\[\]\x00-\x1f\x7f])?")
_VALUE: Final = re.compile(r"(?:[^\s\x00-\x1f\x7f](?:[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f])?)?")

# What C's isspace() names: libpq strips no other space.
_SPACE: Final = " \t\n\v\f\r"

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


def find_options(name: str) -> str | None:
    """Return the options of a service, which libpq ignores if a client gives its own."""
    service = find_service(name)
    return None if service is None else service.parameters.get("options")


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


def write_service(name: str, parameters: Mapping[str, str], *, replace: bool = False) -> Path:
    """Write a service at the end of the user's file, and return the path of the file.

    With `replace`, write the parameters of an existing service in its file, in place of those that
    it had; without, an existing one is refused. All other lines, comments included, stay. Every
    reader finds the old file or the new one. Raises `SkillMeatError` if it cannot be written.
    """
    check_service_name(name)
    for key, value in parameters.items():
        if not (_VALUE.fullmatch(value) and _VALUE.fullmatch(key)) or {"=", "#", "["} & {*key}:
            message = f"a service file cannot hold {key}={value!r}: leave out what is not printable"
            raise SkillMeatError(message)
    new = [f"{key}={value}" for key, value in parameters.items()]

    def append(lines: list[str]) -> list[str]:
        if _find_section(lines, name) is not None:
            message = f"there is a service {name!r} already: choose another name"
            raise SkillMeatError(message)
        if not lines[-1]:
            # The end of the last line, not an empty one.
            lines.pop()
        separator = [""] if lines and lines[-1].strip() else []
        return [*lines, *separator, f"[{name}]", *new, ""]

    def exchange(lines: list[str]) -> list[str]:
        section = _find_section(lines, name)
        if section is None:
            message = f"there is no service {name!r} any more: another program has removed it"
            raise SkillMeatError(message)
        header, *body = lines[section]
        comments = [line for line in body if _is_comment(line)]
        lines[section] = [header, *comments, *new]
        return lines

    found = [path for path, names in _list_names() if name in names]
    if found and not replace:
        message = f"there is a service {name!r} in {found[0]} already: choose another name"
        raise SkillMeatError(message)
    path = found[0] if found else next(_find_files())
    _edit(path, exchange if found else append)
    return path


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

    for path, names in _list_names():
        if name in names:
            _edit(path, cut)


def _edit(path: Path, change: Edit) -> None:
    """Change the lines of a file under a lock, and put the new file in the place of the old one."""
    try:
        # A file that is kept elsewhere, behind a symbolic link, stays there.
        target = path.resolve()
        with _lock_folder(target.parent):
            old = target.stat() if target.exists() else None
            if old is not None and not (old.st_mode & 0o200 and os.access(target, os.W_OK)):
                message = f"the service file {path} is read-only: make it writable"
                raise SkillMeatError(message)
            # Split as libpq does, at nothing but line feeds; other bytes than UTF-8 stay.
            text = b"" if old is None else target.read_bytes()
            lines = change(text.decode("utf-8", "surrogateescape").split("\n"))
            _replace_file(target, "\n".join(lines).encode("utf-8", "surrogateescape"), like=old)
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        message = f"the service file {path} cannot be written: {reason}: set PGSERVICEFILE"
        raise SkillMeatError(message) from error


@contextmanager
def _lock_folder(folder: Path) -> Iterator[None]:
    """Keep other writers of this module out: the file itself is replaced, so it takes no lock."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _replace_file(target: Path, content: bytes, *, like: os.stat_result | None) -> None:
    """Replace a file in one step, with its mode and its owner; a new one is the user's alone."""
    prefix = f".{target.name}."
    with tempfile.NamedTemporaryFile(prefix=prefix, dir=target.parent, delete=False) as new:
        try:
            if like is not None:
                os.fchown(new.fileno(), like.st_uid, like.st_gid)
                os.fchmod(new.fileno(), like.st_mode & 0o7777)
            new.write(content)
            new.flush()
            os.fsync(new.fileno())
            Path(new.name).rename(target)
        except BaseException:
            Path(new.name).unlink()
            raise


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
    yield Path(os.environ.get("PGSERVICEFILE") or Path.home() / ".pg_service.conf")
    if folder := os.environ.get("PGSYSCONFDIR"):
        yield Path(folder) / "pg_service.conf"


def _get_version(path: Path) -> tuple[int, int, int] | None:
    """Return what differs once a file has been changed: its inode, size and time."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _list_names() -> list[tuple[Path, list[str]]]:
    return [(path, [*sections]) for path, sections in _read_files()]


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
    return quoted.replace('""', '"') if quoted else plain.lower()
