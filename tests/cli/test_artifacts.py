import pytest
from psycopg import Connection

from tests.cli.commands import run

pytestmark = pytest.mark.usefixtures("filled_once")


def ids(*arguments: str) -> list[str]:
    listed = run("artifacts", "list", *arguments, "--json").json
    return [each["id"] for each in listed["items"]]


def test_list_shows_the_count_of_each_collection_of_an_artifact() -> None:
    listed = run("artifacts", "list", "--limit", "1")

    assert listed.out == (
        "id        version  collections    tags\nskill:s1  -        Documents (3)  -\n"
    )
    assert listed.err == "1 of 5\nmore: --after skill:s1\n"


def test_list_prints_the_cursors_of_the_next_and_the_previous_page() -> None:
    middle = run("artifacts", "list", "--limit", "2", "--after", "skill:s1")
    first = run("artifacts", "list", "--limit", "2", "--before", "skill:s3")
    last = run("artifacts", "list", "--limit", "2", "--after", "skill:s3")

    assert [each.err for each in (middle, first, last)] == [
        "2 of 5\nmore: --after skill:s3\nback: --before skill:s2\n",
        "2 of 5\nmore: --after skill:s2\n",
        "2 of 5\nback: --before skill:s4\n",
    ]


def test_list_as_json_has_both_cursors_and_the_total() -> None:
    listed = run("artifacts", "list", "--limit", "1", "--after", "skill:s1", "--json").json

    assert list(listed) == ["items", "next", "previous", "total"]
    assert (listed["next"], listed["previous"], listed["total"]) == ("skill:s2", "skill:s2", 5)


def test_a_search_pages_forwards_and_backwards_by_its_own_cursors() -> None:
    first = run("artifacts", "list", "--search", "s", "--limit", "2")
    after = first.err.removeprefix("more: --after ").strip()
    second = run("artifacts", "list", "--search", "s", "--limit", "2", "--after", after, "--json")

    assert [each["id"] for each in second.json["items"]] == ["skill:s3", "skill:s4"]
    assert ids("--search", "s", "--before", second.json["previous"]) == ["skill:s1", "skill:s2"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--after", "a", "--before", "b"), "give after or before, not both"),
        (("--search", " "), "a search needs a word"),
        (("--search", "s", "--after", "skill:s1"), "is not a cursor of a search"),
    ],
)
def test_list_refuses_wrong_cursors_and_searches_in_one_line(
    arguments: tuple[str, ...], message: str
) -> None:
    refused = run("artifacts", "list", *arguments)

    assert (refused.code, refused.err.count("\n")) == (1, 1)
    assert message in refused.err


def test_stale_lists_the_snapshot_and_prints_its_age(filled: Connection) -> None:
    filled.execute("select refresh_artifact_summaries()")

    listed = run("artifacts", "list", "--stale", "0", "--limit", "1")

    assert listed.out == "id        version  collections  tags\nskill:s1  -        docs         -\n"
    assert listed.err == "at most 0.000 s old\nmore: --after skill:s1\n"


def test_stale_as_json_has_the_age_of_the_snapshot(filled: Connection) -> None:
    filled.execute("select refresh_artifact_summaries()")

    listed = run("artifacts", "list", "--stale", "0", "--type", "skill", "--json").json

    assert list(listed) == ["items", "next", "previous", "total", "age_seconds"]
    assert (listed["items"][0]["collection_ids"], listed["age_seconds"]) == (["docs"], 0)


def test_stale_refuses_a_snapshot_that_is_too_old() -> None:
    refused = run("artifacts", "list", "--stale", "0")

    assert (refused.code, refused.err.count("\n")) == (1, 1)
    assert "error: the snapshot is up to " in refused.err


@pytest.mark.parametrize("option", ["--collection", "--tag", "--search"])
def test_stale_refuses_filters_that_need_live_rows(option: str) -> None:
    refused = run("artifacts", "list", "--stale", "60", option, "x")

    assert refused.code == 2
    assert "only the snapshot is read" in refused.err


@pytest.mark.parametrize("seconds", ["-1", "nan", "1.5", "99999999999"])
def test_stale_refuses_what_is_not_a_number_of_seconds(seconds: str) -> None:
    assert run("artifacts", "list", "--stale", seconds).code == 2


def test_list_filters_by_type_collection_and_tag(filled: Connection) -> None:
    filled.execute("insert into artifacts (type, name) values ('agent', 'a')")
    filled.execute("insert into tags (id, name, slug) values ('t', 'The tag', 'the-tag')")
    filled.execute("insert into artifact_tags (artifact_id, tag_id) values ('skill:s5', 't')")

    assert ids("--type", "agent") == ["agent:a"]
    assert ids("--collection", "Documents") == ["skill:s1", "skill:s2", "skill:s3"]
    assert ids("--tag", "the-tag") == ["skill:s5"]
    assert ids("--tag", "the-tag", "--collection", "docs") == []


@pytest.mark.usefixtures("filled")
def test_a_cursor_works_after_its_artifact_is_deleted() -> None:
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


def test_show_names_an_unknown_artifact() -> None:
    refused = run("artifacts", "show", "skill:nope")

    assert (refused.code, refused.err) == (1, "error: there is no artifact 'skill:nope'\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("artifacts", "list", "--type", "skil"), "artifact type 'skil': did you mean 'skill'?"),
        (("explain", "list", "--type", "skil"), "artifact type 'skil': did you mean 'skill'?"),
        (
            ("artifacts", "list", "--type", "skil", "--stale", "9"),
            "artifact type 'skil': did you mean 'skill'?",
        ),
        (("artifacts", "list", "--tag", "everday"), "tag 'everday': did you mean 'everyday'?"),
        (("explain", "list", "--tag", "Every Day"), "tag 'Every Day': did you mean 'everyday'?"),
        (("artifacts", "list", "--tag", "x"), "tag 'x'"),
        (("artifacts", "list", "--collection", "dox"), "collection 'dox'"),
        (("collections", "show", "documents"), "collection 'documents': did you mean 'docs'?"),
        (("artifacts", "show", "s1"), "artifact 's1': did you mean 'skill:s1'?"),
        (("artifacts", "show", "skil:s1"), "artifact 'skil:s1': did you mean 'skill:s1'?"),
    ],
)
def test_a_mistyped_key_is_an_error_that_suggests_another(
    arguments: tuple[str, ...], message: str
) -> None:
    refused = run(*arguments)

    assert (refused.code, refused.out) == (1, "")
    assert refused.err == f"error: there is no {message}\n"


@pytest.mark.usefixtures("filled")
def test_a_command_that_writes_suggests_another_key_too() -> None:
    deleted = run("artifacts", "delete", "agent:s1")
    added = run("collections", "add", "docs", "%")

    assert [(each.code, each.out) for each in (deleted, added)] == [(1, ""), (1, "")]
    assert deleted.err == "error: there is no artifact 'agent:s1': did you mean 'skill:s1'?\n"
    assert added.err == "error: there is no artifact '%'\n"


@pytest.mark.usefixtures("filled")
def test_delete_removes_artifacts_from_their_collections() -> None:
    deleted = run("artifacts", "delete", "skill:s1", "skill:s2")

    assert deleted.out == "deleted skill:s1, skill:s2\n"
    assert run("collections", "show", "docs", "--json").json["artifact_count"] == 1


@pytest.mark.usefixtures("filled")
def test_delete_deletes_nothing_if_one_is_unknown() -> None:
    refused = run("artifacts", "delete", "skill:s1", "skill:nope")

    assert (refused.code, refused.err) == (1, "error: there is no artifact 'skill:nope'\n")
    assert "skill:s1" in ids()
