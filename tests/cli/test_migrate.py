import os
import pty
import subprocess

import pytest

import skillmeat
from skillmeat import migration
from skillmeat.embedded import find_binaries
from tests.cli.commands import COMMAND, Ran, run
from tests.migration.conftest import first_url, old_template

__all__ = ["first_url", "old_template"]


@pytest.fixture(autouse=True)
def _catalogue(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKILLMEAT_DATABASE_URL", empty_url)
    monkeypatch.setenv("SKILLMEAT_SCHEMA", "skillmeat")


def test_up_prints_the_old_and_the_new_revision() -> None:
    head = run("migrate", "status", "--json").json["head"]

    assert run("migrate", "up").out == f"skillmeat: base -> {head}\n"
    assert run("migrate", "up").out == f"skillmeat: nothing to do, at {head}\n"


def test_up_stops_at_a_revision_and_down_goes_back() -> None:
    up = run("migrate", "up", "0001_catalogue", "--json").json
    status = run("migrate", "status", "--json").json
    down = run("migrate", "down", "--yes", "-1").out

    assert up == {"schema": "skillmeat", "from": None, "to": "0001_catalogue"}
    assert (status["current"], status["up_to_date"]) == ("0001_catalogue", False)
    assert down == "skillmeat: 0001_catalogue -> base\n"


@pytest.mark.usefixtures("at_first_revision")
def test_down_says_what_it_deletes() -> None:
    with skillmeat.connect(autocommit=True) as conn:
        conn.execute("insert into collections (id, name) select n, n from generate_series(1, 3) n")
        rows = conn.execute("select count(*) + 3 from artifact_types").fetchone()

    refused = run("migrate", "down", "base")
    done = run("migrate", "down", "base", "--yes")

    assert refused.code == 1
    assert refused.err.startswith("error: nothing was changed: 0001_catalogue -> base deletes")
    assert f" {rows[0]} rows of " in refused.err if rows else False
    assert refused.err.count("\n") == 1
    assert "\n  0001_catalogue  Drop the tables" in done.err
    assert "\n  collections: 3 rows\n" in done.err
    assert done.out == "skillmeat: 0001_catalogue -> base\n"


@pytest.mark.usefixtures("at_first_revision")
def test_down_asks_on_a_terminal() -> None:
    for answer, code, left in (("n", 1, "0001_catalogue"), ("y", 0, None)):
        terminal, stdin = pty.openpty()

        with subprocess.Popen([*COMMAND, "migrate", "down", "base"], stdin=stdin) as process:
            os.write(terminal, f"{answer}\n".encode())
        os.close(terminal)
        os.close(stdin)

        assert process.returncode == code
        assert run("migrate", "status", "--json").json["current"] == left


@pytest.mark.usefixtures("at_first_revision")
def test_down_does_not_go_up() -> None:
    refused = run("migrate", "down", "head", "--yes")

    assert (refused.code, refused.out) == (1, "")
    assert refused.err.endswith("is newer than 0001_catalogue: run `skillmeat migrate up`\n")


def test_down_requires_a_revision() -> None:
    refused = run("migrate", "down")

    assert (refused.code, refused.out) == (2, "")


@pytest.mark.parametrize("arguments", [("up", "nope"), ("down", "nope"), ("sql", "nope:head")])
def test_an_unknown_revision_is_refused_in_one_line(arguments: tuple[str, ...]) -> None:
    refused = run("migrate", *arguments)

    assert (refused.code, refused.err.count("\n")) == (1, 1)
    assert refused.err.startswith("error: ")
    assert "nope" in refused.err
    with skillmeat.connect() as conn:
        assert conn.execute("select to_regnamespace('skillmeat')").fetchone() == (None,)


def test_status_works_without_a_schema() -> None:
    status = run("migrate", "status")

    assert status.code == 0
    assert "up to date  no\n" in status.out


def test_sql_prints_the_script_and_nothing_else() -> None:
    assert run("migrate", "sql") == Ran(0, migration.render_sql(), "")


def test_sql_needs_no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKILLMEAT_DATABASE_URL", "postgresql://me@localhost:1/nowhere")

    script = run("migrate", "sql", "0001_catalogue:0002_counts")

    assert (script.code, script.err) == (0, "")
    assert "0002_counts" in script.out
    assert "create table" not in script.out


def test_sql_prints_the_way_down() -> None:
    script = run("migrate", "sql", "head:0001_catalogue")

    assert script.code == 0
    assert "DROP TABLE count_changes;" in script.out
    assert "DROP TABLE collections;" not in script.out


@pytest.mark.parametrize("empty", ["head:head", "base"])
def test_sql_refuses_a_range_without_a_revision(empty: str) -> None:
    refused = run("migrate", "sql", empty)

    assert (refused.code, refused.out, refused.err.count("\n")) == (1, "", 1)
    assert "contains no revision" in refused.err


@pytest.mark.usefixtures("migrated")
def test_a_database_holds_two_schemas_side_by_side() -> None:
    other = run("--schema", 'My "own" schema', "migrate", "up", "--json").json

    assert (other["schema"], other["from"]) == ('My "own" schema', None)


@pytest.mark.parametrize(
    "arguments", [("collections", "list"), ("artifacts", "show", "skill:x"), ("verify",)]
)
def test_a_command_without_a_schema_names_migrate_up(arguments: tuple[str, ...]) -> None:
    refused = run(*arguments)

    assert (refused.code, refused.out, refused.err.count("\n")) == (1, "", 1)
    assert "run `skillmeat migrate up`" in refused.err


@pytest.mark.usefixtures("migrated")
def test_check_prints_that_nothing_differs() -> None:
    head = run("migrate", "status", "--json").json["head"]

    assert run("migrate", "check") == Ran(0, f"no differences: skillmeat at {head}\n", "")


@pytest.mark.usefixtures("at_first_revision")
def test_check_names_the_newer_revision_at_an_older_one() -> None:
    head = run("migrate", "status", "--json").json["head"]

    checked = run("migrate", "check")

    assert checked.out == f"no differences: skillmeat at 0001_catalogue, the newest is {head}\n"


def test_check_prints_each_difference_and_the_statement_that_fixes_it(tampered: str) -> None:
    checked = run("migrate", "check")

    assert checked.code == 1
    assert checked.out.splitlines()[:2] == [
        f"-- trigger tags.{tampered}: is disabled, should be enabled",
        f"alter table skillmeat.tags enable trigger {tampered};",
    ]
    assert checked.err == "run `skillmeat migrate check --fix` to fix them\n"


def test_psql_runs_the_output_of_check_and_fixes_every_difference(migrated: str) -> None:
    with skillmeat.connect(migrated) as conn:
        conn.execute("drop view artifact_details cascade; drop function settle_counts()")
        conn.execute("drop function search_artifacts(text); drop function search_terms(text)")

    ran = subprocess.run(
        [find_binaries() / "psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", migrated],
        input=run("migrate", "check").out,
        text=True,
        capture_output=True,
        check=False,
    )

    assert (ran.returncode, ran.stderr, run("migrate", "check").code) == (0, "", 0)


def test_check_as_json_has_the_statements(tampered: str) -> None:
    checked = run("migrate", "check", "--json")

    assert (checked.code, checked.json["differences"]) == (
        1,
        [
            {
                "kind": "trigger",
                "name": f"tags.{tampered}",
                "problem": "is disabled, should be enabled",
                "statements": [f"alter table skillmeat.tags enable trigger {tampered}"],
            }
        ],
    )


def test_fix_prints_what_it_fixed_and_what_to_run_next(tampered: str) -> None:
    fixed = run("migrate", "check", "--fix")

    assert (fixed.code, fixed.out.splitlines()) == (
        0,
        [
            f"fixed: trigger tags.{tampered}: is disabled, should be enabled",
            "counts and summaries may have drifted meanwhile: run `skillmeat repair`",
        ],
    )
    assert run("migrate", "check", "--fix").out == "nothing to fix\n"


def test_fix_prints_what_it_could_not_fix(migrated: str) -> None:
    with skillmeat.connect(migrated) as conn:
        conn.execute("alter table tags add mine int")

    advised = run("migrate", "check").err
    fixed = run("migrate", "check", "--fix")

    assert advised == ""
    problem = "is not the revision's: drop it by hand if its values are not needed"
    output = f"not fixed: column tags.mine: {problem}: no statement fixes it\n"
    assert (fixed.code, fixed.out) == (1, output)
    as_json = run("migrate", "check", "--fix", "--json").json
    assert as_json["failed"][0]["reason"]
    assert len(as_json["remaining"]["differences"]) == 1


def test_check_without_a_schema_is_refused_in_one_line() -> None:
    refused = run("migrate", "check")

    assert (refused.code, refused.out) == (1, "")
    assert refused.err == (
        "error: the schema skillmeat is not migrated: run `skillmeat migrate up`\n"
    )


@pytest.fixture
def migrated(url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the URL of an empty catalogue, which the commands use."""
    monkeypatch.setenv("SKILLMEAT_DATABASE_URL", url)
    return url


@pytest.fixture
def at_first_revision(first_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the commands use a catalogue of the first revision."""
    monkeypatch.setenv("SKILLMEAT_DATABASE_URL", first_url)


@pytest.fixture
def tampered(migrated: str) -> str:
    """Return the name of a disabled trigger on tags."""
    with skillmeat.connect(migrated) as conn:
        conn.execute("alter table tags disable trigger tags_set_updated_at")
    return "tags_set_updated_at"
