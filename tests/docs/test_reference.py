"""The reference is complete, and equals the code."""

import importlib
import pkgutil
import re
import tomllib

import pytest
from psycopg import Connection

import skillmeat
from docs.generate.command_line import list_commands
from docs.generate.error_classes import list_errors
from docs.generate.pages import REFERENCE, render_pages
from docs.generate.python_api import PACKAGES
from skillmeat.api.app import create_app
from tests.docs.blocks import ROOT

# Packages that callers reach through a command or over HTTP, and those with a page of their own.
NOT_CALLED = {
    "skillmeat.api",
    "skillmeat.cli",
    "skillmeat.demo",
    "skillmeat.errors",
    "skillmeat.models",
    "skillmeat.settings",
}
# Its trigger is created by a move, and by no migration.
FENCE = "skillmeat/moving/fence.py"
OBJECTS = """
select relname from pg_class
where relnamespace = current_schema::regnamespace and relkind in ('r', 'v', 'm')
    and relname <> 'alembic_version'
union
select proname from pg_proc where pronamespace = current_schema::regnamespace
union
select typname from pg_type where typnamespace = current_schema::regnamespace and typtype = 'd'
union
select tgname from pg_trigger as t join pg_class as c on c.oid = t.tgrelid
where c.relnamespace = current_schema::regnamespace and not tgisinternal
"""


def page(name: str) -> str:
    return (REFERENCE / name).read_text()


def headings(name: str) -> set[str]:
    return set(re.findall(r"^#+ (.+)$", page(name), re.MULTILINE))


def sources(*patterns: str) -> str:
    found = [path for pattern in patterns for path in sorted(ROOT.glob(pattern))]
    return "\n".join(path.read_text() for path in found)


def test_the_generated_pages_are_up_to_date(url: str) -> None:
    differing = [name for name, text in render_pages(url).items() if page(name) != text]

    assert differing == [], "run `make docs-reference`"


def test_the_map_of_the_code_has_every_package_in_the_order_of_its_imports() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    text = (ROOT / "CONTRIBUTING.md").read_text()

    packages = re.findall(r"^\| `skillmeat/(\w+)/` \|", text, re.MULTILINE)

    assert packages == [name for layer in layers for name in layer.split(" | ")]


def test_every_package_with_exports_is_in_the_reference() -> None:
    found = pkgutil.walk_packages(skillmeat.__path__, "skillmeat.")
    exporting = {
        each.name
        for each in found
        if each.ispkg and getattr(importlib.import_module(each.name), "__all__", None)
    }
    outer = {name for name in exporting if name.count(".") == 1}

    assert outer - NOT_CALLED <= set(PACKAGES)


@pytest.mark.parametrize("package", PACKAGES)
def test_every_exported_name_has_a_heading(package: str) -> None:
    exported = {f"{package}.{name}" for name in importlib.import_module(package).__all__}

    assert exported <= headings("python.md")


def test_every_command_has_a_heading() -> None:
    assert {path for path, _ in list_commands()} <= headings("cli.md")


def test_every_endpoint_has_a_heading() -> None:
    paths = create_app(url="postgresql:///").openapi()["paths"]
    endpoints = {f"{method.upper()} {path}" for path, each in paths.items() for method in each}

    assert endpoints <= headings("http.md")


def test_every_sql_object_is_named(conn: Connection) -> None:
    named = set(re.findall(r"[a-z_]+", page("sql.md")))

    assert {name for (name,) in conn.execute(OBJECTS)} - named == set()


def test_every_error_has_a_row_with_its_cure() -> None:
    rows = [row.split("|") for row in page("errors.md").splitlines() if row.startswith("| ")]
    cured = {name for row in rows if row[3].strip() for name in re.findall(r"`(\w+)`", row[4])}

    # The base of all is never raised itself.
    assert {each.__name__ for each in list_errors()} - cured == {"SkillMeatError"}


def test_every_condition_that_the_schema_raises_is_listed() -> None:
    raised = set(
        re.findall(r"raise ([a-z]+_[a-z_]+) using", sources("db/**/*.sql", "db/**/*.mako", FENCE))
    )

    assert raised != set()
    assert {each for each in raised if f"`{each}`" not in page("errors.md")} == set()


def test_every_environment_variable_is_listed() -> None:
    read = set(re.findall(r'"(SKILLMEAT_[A-Z_]+)"', sources("skillmeat/**/*.py")))
    listed = set(re.findall(r"`(SKILLMEAT_[A-Z_]+)`", page("environment.md")))
    used = sources("skillmeat/**/*.py", "tests/**/*.py", "benchmarks/**/*.py")

    assert read - listed == set()
    assert {each for each in listed if each not in used} == set()


def test_every_metric_is_listed() -> None:
    named = set(re.findall(r'"(skillmeat_[a-z_]+)"', sources("skillmeat/api/metrics.py")))

    assert named != set()
    assert [name for name in named if f"`{name}" not in page("metrics.md")] == []
