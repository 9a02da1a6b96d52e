"""Where SkillMeat's own data lies, if a path is any of it."""
# Strings, not Paths: they name what SQLite opens, and whatever bytes a folder's name has.
# ruff: noqa: PTH112, PTH113, PTH114, PTH116, PTH118, PTH119, PTH123

import os
import stat
from dataclasses import dataclass, field

CACHE = "cache.db"
COLLECTION = "collection.toml"
COLLECTIONS = "collections"
DEPLOYED = ".skillmeat-deployed.toml"
HOME = ".skillmeat"

LOOKED_FOR = (
    f"SkillMeat's {CACHE}, {COLLECTIONS}/<name>/{COLLECTION}, {DEPLOYED} or its home {HOME}"
)

_MAGIC = b"SQLite format 3\x00"
_DATABASE_ENDINGS = (".db", ".sqlite", ".sqlite3")


@dataclass(frozen=True, slots=True)
class Places:
    """The files that hold SkillMeat's data."""

    caches: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    deployed: tuple[str, ...] = ()
    is_home: bool = field(default=False, compare=False)
    """Whether the path is SkillMeat's own, and no project that merely uses it."""

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.caches or self.collections or self.deployed)

    def __add__(self, other: "Places") -> "Places":
        """Both, each file once."""
        return Places(
            tuple(dict.fromkeys(self.caches + other.caches)),
            tuple(dict.fromkeys(self.collections + other.collections)),
            tuple(dict.fromkeys(self.deployed + other.deployed)),
            is_home=self.is_home or other.is_home,
        )


def find(path: str | os.PathLike[str]) -> Places:
    """SkillMeat's files at `path`: the path itself, or what lies where SkillMeat puts it."""
    try:
        root = os.path.realpath(path, strict=True)
    except (OSError, ValueError):
        return Places()
    if os.path.isfile(root):
        return _file(root)
    if not os.path.isdir(root) or not os.access(root, os.R_OK | os.X_OK):
        return Places()
    return _folder(root)


def _folder(root: str) -> Places:
    if os.path.isfile(os.path.join(root, COLLECTION)):
        return Places(collections=(os.path.join(root, COLLECTION),), is_home=True)
    caches = _existing(os.path.join(root, CACHE), os.path.join(root, "cache", CACHE))[:1]
    manifests = _manifests(os.path.join(root, COLLECTIONS))
    if not caches and not manifests and os.path.basename(root) == COLLECTIONS:
        manifests = _manifests(root)
    own = Places(caches, manifests, is_home=bool(caches or manifests))
    home = os.path.join(root, HOME)
    if not own and os.path.isdir(home):
        own = Places() + _folder(home)
        own = Places(own.caches, own.collections)
    deployed = _existing(
        os.path.join(root, DEPLOYED),
        os.path.join(root, ".claude", DEPLOYED),
    )
    return own + Places(deployed=deployed)


def _file(path: str) -> Places:
    name = os.path.basename(path)
    if name == DEPLOYED:
        return Places(deployed=(path,), is_home=True)
    if name == COLLECTION:
        return Places(collections=(path,), is_home=True)
    try:
        with open(path, "rb") as file:
            start = file.read(len(_MAGIC))
    except OSError:
        start = b""
    if start == _MAGIC or name.endswith(_DATABASE_ENDINGS):
        return Places(caches=(path,), is_home=True)
    if name.endswith(DEPLOYED.lstrip(".")):
        return Places(deployed=(path,), is_home=True)
    return Places()


def _manifests(folder: str) -> tuple[str, ...]:
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries)
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError:
        return (os.path.join(folder, COLLECTION),)
    return _existing(*(os.path.join(folder, name, COLLECTION) for name in names))


def _existing(*paths: str) -> tuple[str, ...]:
    return tuple(path for path in paths if _is_there(path))


def _is_there(path: str) -> bool:
    """Whether there is something to read, even where that will fail.

    Without it the rest would be taken for all there is.
    """
    try:
        mode = os.stat(path).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return os.path.islink(path)
    except OSError:
        return True
    return stat.S_ISREG(mode) or stat.S_ISDIR(mode)
