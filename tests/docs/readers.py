"""The environment of a page's reader: a checkout, variables, and perhaps SkillMeat's home."""

import os
import shlex
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from tests.docs.blocks import ROOT
from tests.docs.sessions import Environment
from tests.importer.caches import Cache
from tests.replication.clusters import Cluster

# The files of a checkout that pages use.
_CHECKOUT = ("Makefile", "alembic.ini", "db", "examples", "migrations", "pyproject.toml")
# Files that git ignores.
_IGNORED = shutil.ignore_patterns(
    ".git", ".venv", ".*_cache", ".hypothesis", "__pycache__", "build", "dist", "*.egg-info"
)
# Variables that choose a server or a format, make every command compile its imports again, or take
# the certificates of authorities away, which pip may need.
_NOT_INHERITED = (
    "SSL_CERT_DIR",
    "SKILLMEAT_",
    "PG",
    "POSTGRES",
    "PYTEST",
    "COLUMNS",
    "PYTHONDONTWRITEBYTECODE",
    "MAKE",
    "MFLAGS",
)

# PostgreSQL refuses to run these as root.
_NOT_BY_ROOT = ("initdb", "pg_basebackup", "pg_ctl", "pg_upgrade")


@contextmanager
def folder_of(cluster: Cluster | None = None) -> Iterator[Path]:
    """Make a folder like a checkout, which the user of `cluster` may write; yield it."""
    with TemporaryDirectory(prefix="skillmeat-docs-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        for each in _CHECKOUT:
            (folder / each).symlink_to(ROOT / each)
        _install(folder)
        if cluster is not None:
            cluster.identity.chown(folder)
        yield folder


@contextmanager
def copied_checkout() -> Iterator[Path]:
    """Make a copy of this checkout; yield its folder."""
    with TemporaryDirectory(prefix="skillmeat-docs-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        shutil.copytree(ROOT, folder, ignore=_IGNORED, dirs_exist_ok=True)
        _install(folder)
        yield folder


def _install(folder: Path) -> None:
    """Link the installation that runs the tests, in place of the one that `make` would make."""
    (folder / ".venv").mkdir()
    for each in ("bin", "lib", "pyvenv.cfg"):
        (folder / ".venv" / each).symlink_to(Path(sys.prefix, each))
    (folder / ".venv" / ".installed").touch()


def environment_of(folder: Path, programs: Path, **variables: str) -> Environment:
    """Return an environment in `folder` with these PostgreSQL programs."""
    path = (Path(sys.prefix, "bin"), programs, os.environ["PATH"])
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(_NOT_INHERITED)
    }
    chosen = {
        "PATH": os.pathsep.join(map(str, path)),
        "HOME": str(folder),
        "PYTHONPATH": str(ROOT),
    }
    return Environment(inherited | chosen | variables, folder)


def programs_of(cluster: Cluster, folder: Path) -> Path:
    """Make a folder with the programs of `cluster`, which root runs as PostgreSQL's own user."""
    programs = folder / f"programs-{uuid4().hex}"
    programs.mkdir(mode=0o755)
    for each in cluster.binaries.iterdir():
        (programs / each.name).symlink_to(each)
    if os.geteuid() != 0:
        return programs
    owner = cluster.identity
    switched = ["setpriv", f"--reuid={owner.user}", f"--regid={owner.group}", "--clear-groups"]
    for name in _NOT_BY_ROOT:
        command = shlex.join([*switched, *owner.prefix, str(cluster.binaries / name)])
        (programs / name).unlink()
        (programs / name).write_text(
            f'#!/bin/sh\n[ "$(id -u)" = 0 ] && exec {command} "$@"\n'
            f'exec {cluster.binaries / name} "$@"\n'
        )
        (programs / name).chmod(0o755)
    return programs


def skillmeat_home(home: Path) -> None:
    """Make SkillMeat's home, with two collections, a group and two artifacts."""
    (home / "cache").mkdir(parents=True)
    cache = Cache(home / "cache" / "cache.db")
    cache.collection("default", "Default Collection")
    cache.collection("c" * 32, "Work")
    for artifact in ("skill:pdf", "agent:reviewer"):
        cache.artifact(artifact)
        cache.member("default", artifact)
    cache.member("c" * 32, "skill:pdf")
    cache.group("g", "default", "First")
    cache.place("g", "skill:pdf", 0)
