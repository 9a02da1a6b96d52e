"""All runs of the demo on a server share one database, so runs of parallel tests wait."""

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from psycopg import Connection

import skillmeat
from skillmeat import demo
from skillmeat.demo import writers
from skillmeat.embedded import replace_database
from skillmeat.errors import SkillMeatError
from tests.cli.commands import Ran, end, run, start

# Not the default one, so that the last line has to name it.
SCHEMA = "Of the demo"


@pytest.fixture(scope="module")
def both(shared_url: str) -> tuple[Ran, Ran]:
    """Run two demos at once, for the tests that read what they print and leave behind.

    The first is a process, and begins while the lock of the demo is held.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SKILLMEAT_DATABASE_URL", shared_url)
        patch.setenv("SKILLMEAT_SCHEMA", SCHEMA)
        with demo.lock_database(demo.ensure_database(), on_wait=pytest.fail):
            process = start("demo")
            waiting = first_line_on_stderr(process)
        as_json = run("demo", "--json")
    ran = end(process)
    return replace(ran, err=waiting + ran.err), as_json


@pytest.fixture(scope="module")
def shown(both: tuple[Ran, Ran]) -> Ran:
    """Return the demo that printed text."""
    return both[0]


def test_the_demo_shows_counts_a_page_writers_and_verify(shown: Ran) -> None:
    assert shown.code == 0
    assert re.search(r"^default +Default Collection +15 ", shown.out, re.MULTILINE)
    assert "10 of 15 artifacts, read by 1 statement in" in shown.out
    assert shown.out.count("idle in transaction") == 4
    assert shown.out.count("  no session\n") == 4
    assert "healthy: 15 artifacts" in shown.out


def test_the_last_line_of_the_demo_is_a_command_that_works_as_printed(shown: Ran) -> None:
    last_line = shown.out.splitlines()[-1]

    command = last_line.removeprefix("to look around: ")
    counted = subprocess.run(
        ["/bin/bash", "-c", f"{command} -- -At -c 'select count(*) from artifacts'"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (last_line.startswith("to look around: "), counted.stdout) == (True, "15\n")


@pytest.mark.usefixtures("shown")
def test_the_demo_refuses_a_wrong_path_before_it_drops_anything(tmp_path: Path) -> None:
    refused = run("--schema", SCHEMA, "demo", str(tmp_path))

    assert (refused.code, refused.out) == (1, "")
    assert refused.err.startswith("error: ")
    with psycopg.connect(demo.ensure_database()) as conn:
        assert conn.execute(f'select count(*) from "{SCHEMA}".artifacts').fetchone() == (15,)


@pytest.mark.usefixtures("shown")
def test_the_demo_leaves_the_catalogue_alone(shared_url: str) -> None:
    with skillmeat.connect(shared_url) as conn:
        assert conn.execute("select count(*) from artifacts").fetchone() == (0,)


def test_two_demos_at_once_take_turns_and_print_the_same(both: tuple[Ran, Ran]) -> None:
    shown, as_json = both

    seen = as_json.json["verify"]["totals"]
    totals = ", ".join(
        f"{seen[name]} {name}" for name in ("artifacts", "collections", "memberships", "tags")
    )
    assert f"healthy: {totals}, " in shown.out
    # The migration notes a locale that folds ASCII only, as that of the tests on PostgreSQL 15.
    notices = [line for line in shown.err.splitlines() if "case of ASCII letters" not in line]
    assert notices == ["another demo is running on this server: waiting until it ends"]


def test_the_demo_imports_the_given_folder(tmp_path: Path) -> None:
    commands = tmp_path / ".claude" / "commands"
    commands.mkdir(parents=True)
    (commands / "hello.md").write_text("---\ndescription: Greets.\n---\nHello.\n")

    # In a schema of its own: other tests read what the demo has left in theirs.
    found = run("--schema", "given", "demo", str(tmp_path), "--json").json

    assert [each["id"] for each in found["artifacts"]["items"]] == ["command:hello"]
    assert len(found["writers"]["seen"]["writers"]) == 1


def test_the_demo_does_not_run_in_the_catalogue_itself(
    server_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SKILLMEAT_DATABASE_URL", replace_database(server_url, demo.DATABASE))

    refused = run("demo")

    assert (refused.code, refused.out, refused.err.count("\n")) == (1, "", 1)


def test_the_demo_does_not_drop_a_schema_that_it_did_not_create(url: str) -> None:
    with pytest.raises(SkillMeatError, match="which it has not created"):
        demo.recreate_schema(url)


def test_the_demo_drops_a_schema_that_it_created(empty_url: str) -> None:
    demo.recreate_schema(empty_url)
    with psycopg.connect(empty_url) as conn:
        conn.execute("create table skillmeat.left_over ()")

    demo.recreate_schema(empty_url)

    with psycopg.connect(empty_url) as conn:
        assert conn.execute("select to_regclass('skillmeat.left_over')").fetchone() == (None,)


@pytest.mark.usefixtures("filled")
def test_all_writers_are_open_at_once_and_the_count_is_exact(url: str) -> None:
    seen = demo.write_concurrently(url, "docs", [["skill:s4"], ["skill:s5"]])

    assert (seen.before, seen.while_open, seen.after) == (3, 3, 5)
    assert [(each.state, each.added, each.counts) for each in seen.writers] == [
        ("idle in transaction", 1, 4),
        ("idle in transaction", 1, 4),
    ]
    assert not any(each.waited_for for each in seen.writers)


def test_writers_that_wait_are_reported_and_cancelled(
    filled: Connection, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled.execute(TEXTBOOK_TRIGGER)
    monkeypatch.setattr(writers, "TIMEOUT_SECONDS", 0.2)

    with pytest.raises(SkillMeatError, match=r"\d+ waits for \{\d+\}"):
        demo.write_concurrently(url, "docs", [["skill:s4"], ["skill:s5"]])

    assert filled.execute("select count(*) from collection_artifacts").fetchone() == (3,)


def test_make_imports_a_source_with_spaces_in_its_path() -> None:
    ran = subprocess.run(
        # Below another make, it would print the directory last.
        [
            *(shutil.which("make") or "make", "--no-print-directory", "--dry-run"),
            *("demo", "SOURCE=~/my own plugins"),
        ],
        cwd=Path(skillmeat.__file__).parent.parent,
        text=True,
        capture_output=True,
        check=True,
    )

    assert ran.stdout.splitlines()[-1].endswith(r"skillmeat demo ~/my\ own\ plugins")


def first_line_on_stderr(process: subprocess.Popen[str]) -> str:
    """Wait for the first line of a command on stderr, and return it."""
    assert process.stderr is not None
    return process.stderr.readline()


TEXTBOOK_TRIGGER = """
create function count_by_hand() returns trigger language plpgsql as $$
begin
    update skillmeat.collections set description = 'counted' where id = new.collection_id;
    return null;
end;
$$;
create trigger count_by_hand
    after insert on collection_artifacts for each row execute function count_by_hand();
"""
