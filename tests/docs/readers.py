"""What a reader of a page has: a checkout, variables, and perhaps a SkillMeat of their own."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.docs.blocks import ROOT
from tests.docs.sessions import Environment
from tests.importer.caches import Cache
from tests.replication.clusters import Cluster

# What a page finds beside it, as in a checkout.
_CHECKOUT = ("Makefile", "alembic.ini", "db", "examples", "migrations", "pyproject.toml")
# What would choose a server or a format, and what makes every command compile its imports again.
_NOT_INHERITED = ("SKILLMEAT_", "PG", "POSTGRES", "PYTEST", "COLUMNS", "PYTHONDONTWRITEBYTECODE")


@contextmanager
def folder_of(cluster: Cluster | None = None) -> Iterator[Path]:
    """A folder that looks like a checkout, of the user that runs `cluster`."""
    with TemporaryDirectory(prefix="skillmeat-docs-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        for each in _CHECKOUT:
            (folder / each).symlink_to(ROOT / each)
        # What `make` installs is there already: it is what runs the tests.
        (folder / ".venv").mkdir()
        (folder / ".venv" / "bin").symlink_to(Path(sys.prefix, "bin"))
        (folder / ".venv" / ".installed").touch()
        if cluster is not None:
            cluster.identity.give(folder)
        yield folder


def environment_of(
    folder: Path, programs: Path, cluster: Cluster | None = None, **variables: str
) -> Environment:
    """Return an environment in `folder` with these PostgreSQL programs, as the cluster's user."""
    path = (Path(sys.prefix, "bin"), programs, os.environ["PATH"])
    everything = {
        name: value for name, value in os.environ.items() if not name.startswith(_NOT_INHERITED)
    } | {
        "PATH": os.pathsep.join(map(str, path)),
        "HOME": str(folder),
        "PYTHONPATH": str(ROOT),
        **variables,
    }
    if cluster is None:
        return Environment(everything, folder)
    identity = cluster.identity
    user = {
        "user": identity.user,
        "group": identity.group,
        "extra_groups": identity.extra_groups,
    }
    return Environment(everything, folder, user, tuple(identity.prefix))


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
