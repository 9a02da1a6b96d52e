"""Text that looks like SQL, through every path: it arrives as it is, or is refused in one line."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from psycopg import Connection

import skillmeat
from skillmeat import migration
from skillmeat.catalogue import get_artifact, get_collection
from skillmeat.cli.app import app
from skillmeat.cli.lazy_group import LazyCommand
from skillmeat.importer import import_paths
from tests.cli.commands import Ran, run
from tests.db.oracle import differences
from tests.importer.readers.trees import write_files
from tests.security.matrix import rows
from tests.security.texts import EVERY, LIKE_SQL, TELLING

# These commands run their arguments, or control the server that the others need.
LEFT_OUT = {("psql",), ("demo",), ("migrate", "down"), ("server", "start"), ("server", "stop")}
# Words that a command wants beside the hostile one.
HARMLESS = {"known_as": "p", "artifact_ids": "skill:s1", "artifact_id": "skill:s1"}

Slot = tuple[tuple[str, ...], str]


def commands(command: Any, *path: str) -> Iterator[tuple[tuple[str, ...], Any]]:  # noqa: ANN401
    """Yield the words of every command; Typer's own classes are private."""
    if hasattr(command, "commands"):
        for name, lazy in command.commands.items():
            each = lazy.load() if isinstance(lazy, LazyCommand) else lazy
            yield from commands(each, *path, name)
    else:
        yield path, command


COMMANDS = {
    path: command for path, command in commands(typer.main.get_command(app)) if path not in LEFT_OUT
}
SLOTS = [
    (path, parameter.name)
    for path, command in COMMANDS.items()
    for parameter in command.params
    if parameter.name and not getattr(parameter, "is_flag", False)
]


def words(slot: Slot, text: str) -> list[str]:
    """Return a command line with the text in one argument and harmless words in the others."""
    path, chosen = slot
    options: list[str] = []
    arguments: list[str] = []
    for parameter in COMMANDS[path].params:
        given = text if parameter.name == chosen else None
        if parameter.param_type_name == "option":
            options += [] if given is None else [f"{parameter.opts[0]}={given}"]
        elif given is not None or parameter.required:
            arguments.append(HARMLESS.get(parameter.name or "", "x") if given is None else given)
    return [*path, *options, "--", *arguments]


def is_clean(ran: Ran) -> bool:
    """Return whether a command succeeded, or failed without control characters.

    An error is one line. Only a path without anything to import has a second line.
    """
    lines = 2 if "holds nothing importable" in ran.err else 1
    refused = ran.err.startswith("error: ") and ran.err.count("\n") == lines
    usage = ran.code == 2 and "Traceback" not in ran.err
    return (ran.code == 0 or refused or usage) and not {"\x1b", "\x00"} & {*ran.out, *ran.err}


@pytest.fixture
def catalogue(sample: Connection, sample_url: str, monkeypatch: pytest.MonkeyPatch) -> Connection:
    monkeypatch.setenv("SKILLMEAT_DATABASE_URL", sample_url)
    monkeypatch.setenv("SKILLMEAT_SCHEMA", "skillmeat")
    sample.autocommit = True
    return sample


def is_intact(conn: Connection) -> bool:
    """Return whether all tables and views exist and every count is exact."""
    relations = [each.object for each in rows() if each.kind in ("table", "view", "snapshot")]
    there = conn.execute(
        "select count(*) from unnest(%s::text[]) as r where to_regclass(r) is not null",
        (relations,),
    ).fetchone()
    return there == (len(relations),) and differences(conn) == []


def test_the_tests_try_every_command_that_takes_text() -> None:
    assert {("collections", "create"), ("artifacts", "list"), ("import",)} <= {
        path for path, _ in SLOTS
    }


@pytest.mark.parametrize(
    "text",
    [
        each if each in TELLING else pytest.param(each, marks=pytest.mark.exhaustive)
        for each in EVERY
    ],
    ids=lambda text: ascii(text[:20]),
)
def test_no_command_executes_its_words(catalogue: Connection, text: str) -> None:
    ugly = {slot: ran for slot in SLOTS if not is_clean(ran := run(*words(slot, text)))}

    assert ugly == {}
    assert is_intact(catalogue)


@pytest.mark.parametrize("command", ["up", "down", "sql"])
@pytest.mark.parametrize("revision", ["", "@", ":", "a:b:c", "head@", "0002_counts:"])
def test_text_that_is_no_revision_is_refused(command: str, revision: str) -> None:
    refused = run("migrate", command, "--", revision)

    assert refused.code == 2
    assert "revision" in refused.err


@pytest.mark.parametrize("text", LIKE_SQL)
def test_a_created_collection_has_exactly_the_given_name(catalogue: Connection, text: str) -> None:
    made = run(
        "collections", "create", f"--id={text}", f"--description={text}", "--json", "--", text
    )

    found = get_collection(catalogue, text)
    assert (made.json["id"], made.json["name"]) == (text, text)
    assert found is not None
    assert (found.id, found.name, found.description) == (text, text, text)


def test_front_matter_is_stored_unchanged(catalogue: Connection, tmp_path: Path) -> None:
    fields = ("title", "description", "author", "license", "version")
    for number, text in enumerate(LIKE_SQL):
        lines = [f"{field}: {json.dumps(text)}" for field in fields]
        lines += [f"tags: [{json.dumps(text)}]", f"other: {json.dumps(text)}"]
        matter = "\n".join(["---", *lines, "---", text])
        write_files(tmp_path, {f".claude/agents/x{number}.md": matter})

    import_paths(catalogue, [tmp_path])

    for number, text in enumerate(LIKE_SQL):
        found = get_artifact(catalogue, f"agent:x{number}")
        assert found is not None
        assert [getattr(found, each) for each in fields] == [text] * len(fields)
        assert (found.tags, found.metadata["other"]) == ((text,), text)
    assert is_intact(catalogue)


def test_names_of_files_and_folders_are_stored_unchanged(
    catalogue: Connection, tmp_path: Path
) -> None:
    names = [text.replace("/", "") for text in LIKE_SQL]
    write_files(tmp_path, {f".claude/agents/{name}.md": "# T\n" for name in names})

    import_paths(catalogue, [tmp_path])

    assert all(get_artifact(catalogue, f"agent:{name}") for name in names)
    assert is_intact(catalogue)


@pytest.mark.parametrize("text", LIKE_SQL)
def test_a_search_finds_the_text_literally(catalogue: Connection, text: str) -> None:
    catalogue.execute("insert into artifacts (type, name) values ('skill', %s)", (text,))

    listed = run("artifacts", "list", "--json", f"--search={text}")

    assert f"skill:{text}" in {each["id"] for each in listed.json["items"]}


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", ['a"; drop table x; --', "it's", "$$ \\ %s {}", "a,b", "--x"])
def test_a_schema_with_a_hostile_name_holds_a_catalogue(empty_url: str, name: str) -> None:
    migration.upgrade(url=empty_url, schema=name)

    with skillmeat.connect(empty_url, schema=name, autocommit=True) as conn:
        conn.execute("insert into artifacts (type, name) values ('skill', 's')")
        conn.execute("select settle_counts(), refresh_artifact_summaries()")
        schema = conn.execute("select current_schema()").fetchone()
        assert (schema, differences(conn)) == ((name,), [])
    migration.downgrade("base", url=empty_url, schema=name)


@pytest.mark.usefixtures("catalogue")
def test_a_schema_named_after_the_connected_role_is_refused() -> None:
    refused = run("--schema", "$user", "status")

    assert refused.err.startswith("error: schema name")
