"""Every example runs, and the documentation shows it as it is."""

import re
import runpy
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
ALERTS = ROOT / "examples" / "prometheus_alerts.yml"
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs(
    example: Path, url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SKILLMEAT_DATABASE_URL", url)

    runpy.run_path(str(example), run_name="__main__")

    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("example", "check", "package"),
    [
        (ALERTS, ("promtool", "check", "rules"), "prometheus"),
        (ROOT / "examples" / "haproxy.cfg", ("haproxy", "-c", "-f"), "haproxy"),
    ],
    ids=["alerts", "haproxy"],
)
def test_the_program_accepts_its_configuration(
    example: Path, check: tuple[str, ...], package: str
) -> None:
    program = shutil.which(check[0])
    if program is None:
        pytest.skip(f"no {check[0]} on PATH: install Debian's {package}")

    checked = subprocess.run(
        [program, *check[1:], example], capture_output=True, text=True, check=False
    )

    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_alert_rules_name_metrics_that_the_server_reports() -> None:
    groups = yaml.safe_load(ALERTS.read_text())["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    reported = (ROOT / "docs" / "reference" / "metrics.md").read_text()

    named = {name for rule in rules for name in re.findall(r"skillmeat_\w+", rule["expr"])}

    assert all(rule.keys() >= {"alert", "labels", "annotations"} for rule in rules)
    assert named
    assert [name for name in named if f"`{name.removesuffix('_bucket')}`" not in reported] == []


def test_the_readme_shows_the_example_unchanged() -> None:
    _, _, code = (ROOT / "examples" / "read_a_page.py").read_text().split('"""', 2)

    assert code.strip() in (ROOT / "README.md").read_text()
