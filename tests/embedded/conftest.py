import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from skillmeat.embedded import start, stop
from skillmeat.embedded.paths import hold_lock


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """Yield a root that does not exist yet; stop a server there after the test."""
    chosen = tmp_path / "data dir"
    yield chosen
    stop(chosen)


@pytest.fixture
def open_root() -> Iterator[Path]:
    """Yield a root that every user can reach; pytest's directories are private."""
    with tempfile.TemporaryDirectory(prefix="skillmeat-test-") as directory:
        Path(directory).chmod(0o755)
        chosen = Path(directory) / "data"
        yield chosen
        stop(chosen)


@pytest.fixture(scope="session")
def running_root(tmp_path_factory: pytest.TempPathFactory, template_root: Path) -> Iterator[Path]:
    """Yield the root of a running server with the default settings; tests only read it."""
    chosen = tmp_path_factory.mktemp("running") / "data"
    copy_root(template_root, chosen)
    start(chosen)
    yield chosen
    stop(chosen)


@pytest.fixture
def stopped_root(root: Path, template_root: Path) -> Path:
    """Return the root of a stopped server that only this test uses."""
    copy_without_fsync(template_root, root)
    return root


@pytest.fixture(scope="session")
def template_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the root of a stopped server that was started once: a copy is faster than initdb.

    All workers share it.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    with hold_lock(shared / "template.lock"):
        chosen = shared / "template" / "data"
        if not (chosen / "data").exists():
            start(chosen)
            stop(chosen)
    return chosen


def copy_root(template: Path, root: Path) -> None:
    """Copy the root of a stopped server; the copy belongs to the same user."""
    subprocess.run(["cp", "-a", template, root], check=True)  # noqa: S607


def copy_without_fsync(template: Path, root: Path) -> None:
    """Copy the root of a stopped server; the copy does not wait for the disk."""
    copy_root(template, root)
    with (root / "data" / "postgresql.conf").open("a") as configuration:
        configuration.write("fsync = off\n")
