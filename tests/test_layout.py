"""The tree: modules that one reads at a sitting, and few of them loose at the top."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDERS = ("benchmarks", "db", "docs", "migrations", "skillmeat")
MAX_LINES = 319


def test_no_module_is_too_long() -> None:
    modules = [path for folder in FOLDERS for path in ROOT.glob(f"{folder}/**/*.py")]

    long = {
        str(path.relative_to(ROOT)): lines
        for path in modules
        if (lines := len(path.read_text().splitlines())) > MAX_LINES
    }

    assert len(modules) > len(FOLDERS)
    assert long == {}


def test_no_module_is_loose_at_the_top_of_the_package() -> None:
    loose = {path.name for path in ROOT.glob("skillmeat/*.py")}

    assert loose == {"__init__.py", "__main__.py"}
