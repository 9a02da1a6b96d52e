import pytest

from skillmeat import migration
from tests.cli.commands import Ran, run


@pytest.fixture(autouse=True)
def _catalogue(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKILLMEAT_DATABASE_URL", empty_url)
    monkeypatch.setenv("SKILLMEAT_SCHEMA", "skillmeat")


def test_up_says_from_where_to_where() -> None:
    head = run("migrate", "status", "--json").json["head"]

    assert run("migrate", "up").out == f"skillmeat: base -> {head}\n"
    assert run("migrate", "up").out == f"skillmeat: nothing to do, at {head}\n"


def test_up_stops_at_a_revision_and_down_goes_back() -> None:
    up = run("migrate", "up", "0001_catalogue", "--json").json
    status = run("migrate", "status", "--json").json
    down = run("migrate", "down", "-1").out

    assert up == {"schema": "skillmeat", "from": None, "to": "0001_catalogue"}
    assert (status["current"], status["up_to_date"]) == ("0001_catalogue", False)
    assert down == "skillmeat: 0001_catalogue -> base\n"


def test_down_requires_a_revision() -> None:
    refused = run("migrate", "down")

    assert (refused.code, refused.out) == (2, "")


@pytest.mark.parametrize("arguments", [("up", "nope"), ("down", "nope"), ("sql", "nope:head")])
def test_an_unknown_revision_is_one_line(arguments: tuple[str, ...]) -> None:
    refused = run("migrate", *arguments)

    assert (refused.code, refused.err.count("\n")) == (1, 1)
    assert refused.err.startswith("error: ")
    assert "nope" in refused.err


def test_status_of_nothing_is_no_error() -> None:
    status = run("migrate", "status")

    assert status.code == 0
    assert "up to date  no\n" in status.out


def test_sql_prints_the_script_and_nothing_else() -> None:
    assert run("migrate", "sql") == Ran(0, migration.script(), "")


def test_sql_needs_no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKILLMEAT_DATABASE_URL", "postgresql://nobody@localhost:1/nowhere")

    script = run("migrate", "sql", "0001_catalogue:0002_counts")

    assert (script.code, script.err) == (0, "")
    assert "0002_counts" in script.out
    assert "create table" not in script.out


def test_a_schema_of_another_name_stands_beside_the_first() -> None:
    run("migrate", "up")

    other = run("--schema", 'My "own" schema', "migrate", "up", "--json").json

    assert (other["schema"], other["from"]) == ('My "own" schema', None)


@pytest.mark.parametrize(
    "arguments", [("collections", "list"), ("artifacts", "show", "skill:x"), ("verify",)]
)
def test_what_needs_the_schema_says_how_to_make_it(arguments: tuple[str, ...]) -> None:
    refused = run(*arguments)

    assert (refused.code, refused.out, refused.err.count("\n")) == (1, "", 1)
    assert "run `skillmeat migrate up`" in refused.err
