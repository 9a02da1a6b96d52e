import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from skillmeat.embedded import start, stop
from skillmeat.embedded.initdb import DURABLE


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
def running_root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Yield the root of a running server with the default settings; tests only read it."""
    chosen = tmp_path_factory.mktemp("running") / "data"
    start(chosen)
    yield chosen
    stop(chosen)


@pytest.fixture
def stopped_root(root: Path, template_root: Path) -> Path:
    """Return the root of a stopped server that only this test uses."""
    subprocess.run(["cp", "-a", template_root, root], check=True)  # noqa: S607
    return root


@pytest.fixture(scope="session")
def template_root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Yield the template of `stopped_root`: a copy is faster than initdb."""
    chosen = tmp_path_factory.mktemp("template") / "data"
    start(chosen, settings={**DURABLE, "fsync": "off"})
    stop(chosen)
    yield chosen
    shutil.rmtree(chosen)
