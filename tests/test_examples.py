"""Every example runs, and the documentation shows it as it is."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs(example: Path, url: str) -> None:
    ran = subprocess.run(
        [sys.executable, example],
        env=os.environ | {"SKILLMEAT_DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ran.returncode, ran.stderr) == (0, "")


def test_the_readme_shows_the_example_unchanged() -> None:
    _, _, code = (ROOT / "examples" / "read_a_page.py").read_text().split('"""', 2)

    assert code.strip() in (ROOT / "README.md").read_text()
