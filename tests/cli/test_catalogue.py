"""Catalogues are created, listed and dropped by name."""

from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from tests.cli.commands import run

SECOND = "[second]\nhost=example.com\n"


@pytest.fixture(autouse=True)
def service_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Use a service file with one service."""
    file = tmp_path / "services"
    file.write_text(SECOND)
    monkeypatch.setenv("PGSERVICEFILE", str(file))
    return file


def test_a_catalogue_lives_from_create_to_drop(url: str, service_file: Path) -> None:
    dbname = str(conninfo_to_dict(url)["dbname"])

    created = run("catalogue", "create", "first", "--server", url)
    again = run("catalogue", "create", "first", "--server", url)
    copied = run("--schema", "Own", "catalogue", "create", "copy", "--like", "first", "--json")
    listed = run("catalogue", "list", "--json")
    filled = run("--service", "copy", "collections", "create", "Reading")
    kept = run("catalogue", "drop", "copy")
    dropped = [run("catalogue", "drop", name, "--yes") for name in ("copy", "first")]

    assert created.out.startswith(f"created first: schema first of database {dbname} on ")
    assert again.err == "error: there is a catalogue 'first' already: choose another name\n"
    assert (copied.json["schema"], copied.json["dbname"], filled.code) == ("Own", dbname, 0)
    assert listed.json[1:] == [{**copied.json, "service": "first", "schema": "first"}, copied.json]
    assert kept.err == "error: nothing was dropped: schema Own has 19 rows: add --yes\n"
    assert [each.out for each in dropped] == [
        "dropped copy: the catalogue in schema Own\n",
        "dropped first: the catalogue in schema first\n",
    ]
    assert service_file.read_text() == SECOND


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--server", "postgresql://u:p@h/d"], "the URL holds a password, which the service"),
        (["--server", "junk"], "libpq cannot read the URL"),
        (["--server", ""], "it is empty: write postgresql://"),
        (["--like", "nope"], "there is no service 'nope': there are second"),
        (["--like", "second", "--server", "postgresql:///d"], "leave one of them out"),
    ],
)
def test_a_database_that_cannot_be_named_is_one_line(arguments: list[str], message: str) -> None:
    ran = run("catalogue", "create", "new", *arguments)

    assert (ran.code in (1, 2), message in ran.err, ran.err.count("\n")) == (True, True, 1)


def test_a_service_that_is_dropped_names_its_schema() -> None:
    ran = run("--schema", "other", "catalogue", "drop", "second", "--yes")

    assert (ran.code, "the service names its schema" in ran.err) == (2, True)
