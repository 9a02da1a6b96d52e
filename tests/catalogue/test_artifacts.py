from contextlib import nullcontext
from typing import Any

import pytest
from psycopg import Connection

from skillmeat.api import queries
from skillmeat.catalogue import (
    CollectionCount,
    NewArtifact,
    Page,
    add_artifacts,
    create_collection,
    create_tag,
    delete_artifact,
    edit_artifact,
    get_artifact,
    get_collection,
    list_artifacts,
    put_artifacts,
    tag_artifacts,
)
from skillmeat.catalogue.artifact_order import ArtifactOrder
from skillmeat.errors import InvalidValue, UnknownArtifact
from tests.catalogue.conftest import ARTIFACTS
from tests.catalogue.hostile import ILLEGAL_NAMES, LEGAL_NAMES, UNSTORABLE

STORABLE_ILLEGAL_NAMES = tuple(each for each in ILLEGAL_NAMES if each not in UNSTORABLE)


def ids(conn: Connection, **filters: Any) -> list[str]:  # noqa: ANN401
    return [each.id for each in list_artifacts(conn, limit=50, **filters).items]


def test_an_artifact_shows_its_tags_version_and_collections_with_exact_counts(
    small: Connection,
) -> None:
    create_collection(small, id="default", name="Zzz")
    for collection_id in ("one", "two", "default"):
        add_artifacts(small, collection_id, ["skill:pdf"])
    add_artifacts(small, "two", ARTIFACTS)
    for name in ("b", "a"):
        tag_artifacts(small, create_tag(small, name=name).id, ["skill:pdf"])
    small.execute(
        "insert into artifact_versions (artifact_id, content_hash, version)"
        " values ('skill:pdf', 'x', '1.0'), ('skill:pdf', 'y', '1.1')"
    )

    found = get_artifact(small, "skill:pdf")

    assert found is not None
    assert (found.type, found.name, found.version) == ("skill", "pdf", "1.1")
    assert found.tags == ("a", "b")
    assert found.collections == (
        CollectionCount("default", "Zzz", 1),
        CollectionCount("one", "One", 1),
        CollectionCount("two", "Two", 4),
    )
    assert list_artifacts(small).items[2] == found


def test_reading_an_unknown_artifact_returns_none(small: Connection) -> None:
    assert get_artifact(small, "skill:no") is None
    assert get_artifact(small, "'; drop table artifacts; --") is None
    assert queries.get_artifact(small, "skill:no") is None


def test_deleting_an_artifact_lowers_every_count(small: Connection) -> None:
    add_artifacts(small, "one", ARTIFACTS)

    assert delete_artifact(small, "skill:pdf")
    assert not delete_artifact(small, "skill:pdf")
    found = get_collection(small, "one")
    assert found is not None
    assert found.artifact_count == 3


def test_an_edit_changes_what_is_given_and_merges_the_metadata(small: Connection) -> None:
    edit_artifact(small, "skill:pdf", title="PDF", license="MIT", metadata={"a": 1, "b": [1]})
    before = get_artifact(small, "skill:pdf")
    edit_artifact(small, "skill:pdf", title=None, metadata={"b": [2]})

    after = get_artifact(small, "skill:pdf")
    assert before is not None
    assert after is not None
    assert (after.title, after.license, after.metadata) == (None, "MIT", {"a": 1, "b": [2]})
    assert after.added_at == before.added_at < before.updated_at < after.updated_at
    with pytest.raises(UnknownArtifact, match="'skill:no'"):
        edit_artifact(small, "skill:no", title="x")
    with pytest.raises(TypeError):
        edit_artifact(small, "skill:pdf")


def test_a_transaction_sees_exact_counts_before_its_commit(
    small: Connection, other: Connection
) -> None:
    with small.transaction():
        add_artifacts(small, "one", ARTIFACTS)
        mine = get_artifact(small, "skill:pdf")
        theirs = get_artifact(other, "skill:pdf")

    assert mine is not None
    assert theirs is not None
    assert [each.artifact_count for each in mine.collections] == [4]
    assert theirs.collections == ()


def test_several_filters_keep_only_artifacts_that_match_all(small: Connection) -> None:
    add_artifacts(small, "one", ["agent:reviewer", "skill:pdf", "skill:sql"])
    add_artifacts(small, "two", ["skill:sql"])
    tag = create_tag(small, name="My Tag")
    tag_artifacts(small, tag.id, ["command:commit", "skill:pdf", "skill:sql"])

    assert ids(small) == list(ARTIFACTS)
    assert ids(small, type="skill") == ["skill:pdf", "skill:sql"]
    assert ids(small, collection="one") == ["agent:reviewer", "skill:pdf", "skill:sql"]
    assert ids(small, tag="my-tag") == ["command:commit", "skill:pdf", "skill:sql"]
    assert ids(small, collection="one", tag="my-tag") == ["skill:pdf", "skill:sql"]
    assert ids(small, type="command", tag="my-tag") == ["command:commit"]
    assert ids(small, type="skill", collection="two", tag="my-tag") == ["skill:sql"]
    assert ids(small, type="agent", tag="my-tag") == []


def test_a_type_is_no_prefix_of_an_id(small: Connection) -> None:
    put_artifacts(small, [NewArtifact("skill", "a:b")])

    assert list_artifacts(small, type="skill:a") == Page((), None, total=0)


def test_filters_take_the_slug_of_a_tag_and_the_id_of_a_collection(small: Connection) -> None:
    add_artifacts(small, "one", ARTIFACTS)
    tag = create_tag(small, name="My Tag")
    tag_artifacts(small, tag.id, ARTIFACTS)

    assert ids(small, tag="My Tag") == ids(small, tag=tag.id) == ids(small, collection="One") == []


@pytest.mark.parametrize("name", ["type", "collection", "tag"])
@pytest.mark.parametrize("nothing", ["no", "", ":", *LEGAL_NAMES, *STORABLE_ILLEGAL_NAMES])
def test_a_filter_without_matches_gives_an_empty_page(
    small: Connection, name: str, nothing: str
) -> None:
    asked: dict[str, Any] = {name: nothing}

    assert list_artifacts(small, limit=50, **asked) == Page((), None, None, 0)


@pytest.mark.parametrize("text", [*LEGAL_NAMES, *STORABLE_ILLEGAL_NAMES])
def test_any_text_is_accepted_as_a_cursor(small: Connection, text: str) -> None:
    after, before = (
        [each.id for each in page.items]
        for page in (list_artifacts(small, after=text), list_artifacts(small, before=text))
    )

    assert before + after == list(ARTIFACTS)


@pytest.mark.parametrize("text", [each for each in LEGAL_NAMES if each != "a"])
def test_a_search_takes_every_character_literally(small: Connection, text: str) -> None:
    put_artifacts(small, [NewArtifact("skill", text)])

    assert ids(small, search=text) == [f"skill:{text}"]


def test_a_type_filter_matches_the_whole_type(conn: Connection) -> None:
    conn.execute("insert into artifact_types (type) values ('mcp_'), ('mcp0')")
    every = [("mcp", "x"), ("mcp", "y:z"), ("mcp_", "x"), ("mcp0", "x"), ("mcp_server", "x")]
    put_artifacts(conn, [NewArtifact(*each) for each in every])

    try:
        assert ids(conn, type="mcp") == ["mcp:x", "mcp:y:z"]
        assert ids(conn, type="mcp:y") == []
        assert ids(conn, type="mc") == []
    finally:
        conn.execute("delete from artifact_types where type in ('mcp_', 'mcp0')")


@pytest.mark.parametrize(
    "filters",
    [
        {},
        {"type": "skill"},
        {"collection": "one"},
        {"tag": "t"},
        {"collection": "one", "tag": "t"},
        {"search": "skill"},
    ],
    ids=lambda filters: "+".join(filters) or "all",
)
def test_pages_continue_from_a_cursor_whose_row_was_deleted(
    conn: Connection, filters: dict[str, Any]
) -> None:
    every = [f"skill:skill {number}" for number in range(8)]
    put_artifacts(conn, [NewArtifact("skill", each.removeprefix("skill:")) for each in every])
    create_collection(conn, id="one", name="One")
    add_artifacts(conn, "one", every)
    tag_artifacts(conn, create_tag(conn, name="t").id, every)

    first = list_artifacts(conn, limit=3, **filters)
    delete_artifact(conn, every[2])
    second = list_artifacts(conn, limit=3, after=first.next, **filters)
    delete_artifact(conn, every[3])
    third = list_artifacts(conn, limit=3, after=second.next, **filters)
    back = list_artifacts(conn, limit=3, before=second.previous, **filters)

    assert [each.id for each in (*second.items, *third.items)] == every[3:]
    assert [each.id for each in back.items] == every[:2]
    assert (third.next, back.previous) == (None, None)


@pytest.mark.parametrize("limit", [0, -1, 2**31, 2**63, -(2**70)])
def test_a_page_size_out_of_range_is_an_invalid_value(small: Connection, limit: int) -> None:
    with pytest.raises(InvalidValue, match="page of") as refused:
        list_artifacts(small, limit=limit)

    assert refused.value.sqlstate == "2201W"


def test_two_cursors_are_an_invalid_value(small: Connection) -> None:
    with pytest.raises(InvalidValue, match="give after or before, not both"):
        list_artifacts(small, after="a", before="z")


@pytest.mark.parametrize("blank", ["", " ", "\t\n", "\u3000"])
def test_a_blank_search_is_an_invalid_value(small: Connection, blank: str) -> None:
    with pytest.raises(InvalidValue, match="a search needs a word"):
        list_artifacts(small, search=blank)


@pytest.mark.parametrize(
    "cursor", ["", "skill:pdf", "1", "1:", ":x", "1.5:x", "\u0661:x", "9999999999:x", "'; --\n"]
)
def test_a_malformed_cursor_of_a_search_is_an_invalid_value_in_one_line(
    small: Connection, cursor: str
) -> None:
    either: tuple[dict[str, Any], ...] = ({"after": cursor}, {"before": cursor})
    for asked in either:
        with pytest.raises(InvalidValue, match="not a cursor of a search") as refused:
            list_artifacts(small, limit=50, search="pdf", **asked)

        assert "\n" not in str(refused.value)


CURSORS = {
    "rank": "-8:skill:pdf",
    "updated": "0044-03-15T00:00:00 BC|skill:pdf",
    "position": "3#skill:pdf",
}


@pytest.mark.parametrize("sort", ["id", "name", "updated", "rank"])
def test_a_list_takes_the_cursors_of_its_own_order_only(
    small: Connection, sort: ArtifactOrder
) -> None:
    search = "skill" if sort == "rank" else None
    refusal = pytest.raises(InvalidValue, match="is not a cursor of")

    for order, cursor in CURSORS.items():
        with nullcontext() if order == sort else refusal:
            list_artifacts(small, sort=sort, search=search, after=cursor)


@pytest.mark.parametrize("text", UNSTORABLE)
def test_text_that_cannot_be_stored_is_an_invalid_value(small: Connection, text: str) -> None:
    for refused in (
        lambda: get_artifact(small, text),
        lambda: delete_artifact(small, text),
        lambda: list_artifacts(small, type=text),
        lambda: list_artifacts(small, collection=text),
        lambda: list_artifacts(small, tag=text),
        lambda: list_artifacts(small, after=text),
        lambda: list_artifacts(small, before=text),
        lambda: list_artifacts(small, search=f"word {text}"),
        lambda: list_artifacts(small, search="word", after=f"1:{text}"),
        lambda: queries.list_artifacts(small, limit=1, tags=[text]),
        lambda: queries.get_artifact(small, text),
    ):
        with pytest.raises(InvalidValue):
            refused()
