"""The search for SkillMeat's own files at a path, and their reader."""
# Paths are strings, because SQLite opens some of them and a folder's name may hold any bytes.
# ruff: noqa: PTH112, PTH113, PTH114, PTH116, PTH118, PTH119, PTH123

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, field

from skillmeat.importer.readers.skillmeat import cache_db, toml_files
from skillmeat.importer.readers.skillmeat.model import SkillMeatData
from skillmeat.importer.readers.skillmeat.normalize import normalize
from skillmeat.importer.readers.skillmeat.records import Records
from skillmeat.importer.readers.skillmeat.sqlite import MAGIC
from skillmeat.importer.readers.skillmeat.toml_files import COLLECTION, COLLECTIONS, DEPLOYED

DATABASE = "cache.db"
HOME = ".skillmeat"

LOOKED_FOR = (
    f"SkillMeat's {DATABASE}, {COLLECTIONS}/<name>/{COLLECTION}, {DEPLOYED} or its home {HOME}"
)

_DATABASE_SUFFIXES = (".db", ".sqlite", ".sqlite3")


@dataclass(frozen=True, slots=True)
class SkillMeatFiles:
    """The files that hold SkillMeat's data."""

    databases: tuple[str, ...] = ()
    manifests: tuple[str, ...] = ()
    """Paths of collection.toml files."""
    deployed: tuple[str, ...] = ()
    """Paths of .skillmeat-deployed.toml files: records of projects."""
    is_home: bool = field(default=False, compare=False)
    """Whether the path belongs to SkillMeat itself, and not to a project that uses it."""

    def __bool__(self) -> bool:
        """Return whether there are any files."""
        return bool(self.databases or self.manifests or self.deployed)

    def __add__(self, other: "SkillMeatFiles") -> "SkillMeatFiles":
        """Return the files of both, each file once."""
        return SkillMeatFiles(
            tuple(dict.fromkeys(self.databases + other.databases)),
            tuple(dict.fromkeys(self.manifests + other.manifests)),
            tuple(dict.fromkeys(self.deployed + other.deployed)),
            is_home=self.is_home or other.is_home,
        )


def find_files(path: str | os.PathLike[str]) -> SkillMeatFiles:
    """Return SkillMeat's files at `path`: the file itself, or those in SkillMeat's usual places."""
    try:
        root = os.path.realpath(path, strict=True)
    except (OSError, ValueError):
        return SkillMeatFiles()
    if os.path.isfile(root):
        return _classify_file(root)
    if not os.path.isdir(root) or not os.access(root, os.R_OK | os.X_OK):
        return SkillMeatFiles()
    return _find_in_folder(root)


def read_skillmeat(
    files: SkillMeatFiles, *, on_progress: Callable[[int, int | None], None] | None = None
) -> SkillMeatData:
    """Read all files; `on_progress` gets the number of database rows that were read.

    For an artifact, a collection.toml takes precedence over a database, and a database over a
    project's record. For memberships, a database takes precedence. Raises `SourceError`.
    """
    records = Records()
    done = 0

    def on_rows(count: int) -> None:
        nonlocal done
        done += count
        if on_progress:
            on_progress(done, None)

    for path in files.manifests:
        toml_files.read_collection(path, records)
    for path in files.databases:
        cache_db.read_database(path, records, on_rows=on_rows)
    for path in files.deployed:
        toml_files.read_deployed(path, records)
    return normalize(records)


def _find_in_folder(root: str) -> SkillMeatFiles:
    if os.path.isfile(os.path.join(root, COLLECTION)):
        return SkillMeatFiles(manifests=(os.path.join(root, COLLECTION),), is_home=True)
    databases = _existing(os.path.join(root, DATABASE), os.path.join(root, "cache", DATABASE))[:1]
    manifests = _find_manifests(os.path.join(root, COLLECTIONS))
    if not databases and not manifests and os.path.basename(root) == COLLECTIONS:
        manifests = _find_manifests(root)
    own = SkillMeatFiles(databases, manifests, is_home=bool(databases or manifests))
    home = os.path.join(root, HOME)
    if not own and os.path.isdir(home):
        own = _find_in_folder(home)
        own = SkillMeatFiles(own.databases, own.manifests)
    deployed = _existing(
        os.path.join(root, DEPLOYED),
        os.path.join(root, ".claude", DEPLOYED),
    )
    return own + SkillMeatFiles(deployed=deployed)


def _classify_file(path: str) -> SkillMeatFiles:
    name = os.path.basename(path)
    if name == COLLECTION:
        return SkillMeatFiles(manifests=(path,), is_home=True)
    try:
        with open(path, "rb") as file:
            start = file.read(len(MAGIC))
    except OSError:
        start = b""
    if start == MAGIC or name.endswith(_DATABASE_SUFFIXES):
        return SkillMeatFiles(databases=(path,), is_home=True)
    if name.endswith(DEPLOYED.lstrip(".")):
        return SkillMeatFiles(deployed=(path,), is_home=True)
    return SkillMeatFiles()


def _find_manifests(folder: str) -> tuple[str, ...]:
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries)
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError:
        return (os.path.join(folder, COLLECTION),)
    return _existing(*(os.path.join(folder, name, COLLECTION) for name in names))


def _existing(*paths: str) -> tuple[str, ...]:
    return tuple(path for path in paths if _exists(path))


def _exists(path: str) -> bool:
    """Return whether there is a file to read, even if reading it will fail.

    Without such a file, an import would treat the other files as complete.
    """
    try:
        mode = os.stat(path).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return os.path.islink(path)
    except OSError:
        return True
    return stat.S_ISREG(mode) or stat.S_ISDIR(mode)
