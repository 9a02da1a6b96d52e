import pytest
from psycopg import Connection

from tests.cli.commands import run

pytestmark = pytest.mark.usefixtures("filled_once")


def test_list_prints_every_collection_with_its_exact_count() -> None:
    listed = run("collections", "list")

    assert listed.out == (
        "id    name       artifacts  groups  description\ndocs  Documents          3       0  -\n"
    )


def test_list_as_json_has_items_and_next() -> None:
    listed = run("collections", "list", "--json").json

    assert {*listed} == {"items", "next"}
    assert [(each["id"], each["artifact_count"]) for each in listed["items"]] == [("docs", 3)]
    assert listed["next"] is None


def test_an_empty_list_is_json_too(filled: Connection) -> None:
    filled.execute("delete from collections")

    assert run("collections", "list", "--json").json == {"items": [], "next": None}


def test_pages_follow_one_another_until_next_is_null(filled: Connection) -> None:
    filled.execute("insert into collections (id, name) values ('a b', 'A'), ('z', 'Z')")

    first = run("collections", "list", "--limit", "2", "--json").json
    second = run("collections", "list", "--limit", "2", "--after", first["next"], "--json").json

    ids = [each["id"] for page in (first, second) for each in page["items"]]
    assert (ids, second["next"]) == (["a b", "docs", "z"], None)


def test_a_page_hints_at_the_next_one_on_stderr(filled: Connection) -> None:
    filled.execute("insert into collections (id, name) values ('a b', 'A')")

    assert run("collections", "list", "--limit", "1").err == "more: --after 'a b'\n"


def test_list_searches_names() -> None:
    assert run("collections", "list", "--search", "UMEN", "--json").json["items"] != []
    assert run("collections", "list", "--search", "docs", "--json").json["items"] == []


@pytest.mark.parametrize("known_as", ["docs", "Documents"])
def test_a_collection_is_shown_by_id_or_name(known_as: str) -> None:
    shown = run("collections", "show", known_as, "--json").json

    assert shown["id"] == "docs"


def test_show_prefers_an_id_to_a_name(filled: Connection) -> None:
    filled.execute("insert into collections (id, name) values ('x', 'docs')")

    assert run("collections", "show", "docs", "--json").json["name"] == "Documents"


def test_show_has_the_groups_and_a_page_of_the_artifacts(filled: Connection) -> None:
    filled.execute("insert into groups (id, collection_id, name) values ('g', 'docs', 'First')")

    shown = run("collections", "show", "docs", "--limit", "2")
    as_json = run("collections", "show", "docs", "--limit", "2", "--json").json

    assert {"First", "skill:s1", "skill:s2"} <= {*shown.out.split()}
    assert "skill:s3" not in shown.out
    assert [each["name"] for each in as_json["groups"]] == ["First"]
    assert [each["id"] for each in as_json["artifacts"]["items"]] == ["skill:s1", "skill:s2"]
    assert as_json["artifacts"]["next"] == "skill:s2"


def test_create_prints_the_id_of_the_new_collection(filled: Connection) -> None:
    created = run("collections", "create", "New", "--id", "n", "--description", "what", "--json")

    row = filled.execute("select name, description from collections where id = 'n'").fetchone()
    assert (created.json["id"], row) == ("n", ("New", "what"))


@pytest.mark.usefixtures("filled")
def test_create_refuses_a_name_that_is_taken() -> None:
    refused = run("collections", "create", "Documents")

    assert (refused.code, refused.err.count("\n")) == (1, 1)
    assert "Documents" in refused.err


@pytest.mark.usefixtures("filled")
def test_rename_keeps_the_id() -> None:
    renamed = run("collections", "rename", "Documents", "Papers")

    assert renamed.out == "renamed to Papers (docs)\n"


def test_delete_leaves_the_artifacts(filled: Connection) -> None:
    deleted = run("collections", "delete", "Documents", "--yes", "--json")

    assert deleted.json == {"deleted": "docs"}
    assert filled.execute("select count(*) from artifacts").fetchone() == (5,)


@pytest.mark.parametrize("collection", ["Documents", "default"])
def test_delete_needs_yes_for_a_collection_that_holds_something(
    filled: Connection, collection: str
) -> None:
    filled.execute("insert into collections (id, name) values ('default', 'Default')")

    refused = run("collections", "delete", collection)

    assert (refused.code, refused.out, refused.err.count("\n")) == (1, "", 1)
    assert refused.err.endswith("repeat the command with --yes\n")
    assert filled.execute("select count(*) from collections").fetchone() == (2,)


@pytest.mark.parametrize(
    "arguments",
    [("show", "nope"), ("rename", "nope", "x"), ("delete", "nope"), ("add", "nope", "skill:s1")],
)
def test_a_command_names_an_unknown_collection(arguments: tuple[str, ...]) -> None:
    refused = run("collections", *arguments)

    assert (refused.code, refused.err) == (1, "error: there is no collection 'nope'\n")


@pytest.mark.usefixtures("filled")
def test_add_prints_how_many_were_added_and_how_many_were_there() -> None:
    added = run("collections", "add", "Documents", "skill:s3", "skill:s4", "skill:s4")

    assert added.out == "1 added, 1 already there: Documents (docs) has 4\n"


def test_add_names_every_unknown_artifact_and_changes_nothing(filled: Connection) -> None:
    refused = run("collections", "add", "docs", "skill:s4", "skill:x", "skill:y z")

    assert (refused.code, refused.out) == (1, "")
    assert refused.err == "error: there is no artifact 'skill:x', 'skill:y z'\n"
    assert filled.execute("select count(*) from collection_artifacts").fetchone() == (3,)


@pytest.mark.usefixtures("filled")
def test_remove_prints_how_many_were_not_there() -> None:
    removed = run("collections", "remove", "docs", "skill:s1", "skill:s5", "--json")

    assert removed.json == {"removed": 1, "absent": 1, "collection": "docs"}
