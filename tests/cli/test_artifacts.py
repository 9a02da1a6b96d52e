import pytest
from psycopg import Connection

from tests.cli.commands import run

pytestmark = pytest.mark.usefixtures("filled")


def ids(*arguments: str) -> list[str]:
    listed = run("artifacts", "list", *arguments, "--json").json
    return [each["id"] for each in listed["items"]]


def test_list_shows_the_count_of_each_collection_of_an_artifact() -> None:
    listed = run("artifacts", "list", "--limit", "1")

    assert listed.out == (
        "id        version  collections    tags\nskill:s1  -        Documents (3)  -\n"
    )
    assert listed.err == "more: --after skill:s1\n"


def test_list_filters_by_type_collection_and_tag(conn: Connection) -> None:
    conn.execute("insert into artifacts (type, name) values ('agent', 'a')")
    conn.execute("insert into tags (id, name, slug) values ('t', 'The tag', 'the-tag')")
    conn.execute("insert into artifact_tags (artifact_id, tag_id) values ('skill:s5', 't')")

    assert ids("--type", "agent") == ["agent:a"]
    assert ids("--collection", "Documents") == ["skill:s1", "skill:s2", "skill:s3"]
    assert ids("--tag", "the-tag") == ["skill:s5"]
    assert ids("--tag", "the-tag", "--collection", "docs") == []


def test_a_cursor_whose_artifact_is_gone_still_works() -> None:
    run("artifacts", "delete", "skill:s2")

    assert ids("--after", "skill:s2") == ["skill:s3", "skill:s4", "skill:s5"]


def test_list_refuses_an_unknown_collection() -> None:
    refused = run("artifacts", "list", "--collection", "nope")

    assert (refused.code, refused.err) == (1, "error: there is no collection 'nope'\n")


def test_show_as_json_has_iso_times_and_exact_counts() -> None:
    shown = run("artifacts", "show", "skill:s1", "--json").json

    assert shown["collections"] == [{"id": "docs", "name": "Documents", "artifact_count": 3}]
    assert "T" in shown["added_at"]


def test_show_prints_the_collections() -> None:
    assert (
        run("artifacts", "show", "skill:s1").out.splitlines()[-1]
        == "docs        Documents          3"
    )


def test_show_names_what_is_unknown() -> None:
    refused = run("artifacts", "show", "skill:nope")

    assert (refused.code, refused.err) == (1, "error: there is no artifact 'skill:nope'\n")


def test_delete_takes_artifacts_out_of_their_collections() -> None:
    deleted = run("artifacts", "delete", "skill:s1", "skill:s2")

    assert deleted.out == "deleted skill:s1, skill:s2\n"
    assert run("collections", "show", "docs", "--json").json["artifact_count"] == 1


def test_delete_deletes_nothing_if_one_is_unknown() -> None:
    refused = run("artifacts", "delete", "skill:s1", "skill:nope")

    assert (refused.code, refused.err) == (1, "error: there is no artifact 'skill:nope'\n")
    assert "skill:s1" in ids()
