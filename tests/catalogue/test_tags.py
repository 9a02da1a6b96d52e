import pytest
from psycopg import Connection

from skillmeat.catalogue import (
    create_tag,
    delete_artifact,
    delete_tag,
    edit_tag,
    get_artifact,
    list_tags,
    tag_artifacts,
    untag_artifacts,
)
from skillmeat.errors import Duplicate, InvalidValue, UnknownTag
from tests.catalogue.conftest import ARTIFACTS
from tests.catalogue.hostile import ILLEGAL_NAMES, LEGAL_NAMES, UNSTORABLE


def counts(conn: Connection) -> dict[str, int]:
    return {tag.name: tag.artifact_count for tag in list_tags(conn).items}


def test_a_tag_without_a_slug_gets_the_slug_of_its_name(conn: Connection) -> None:
    made = create_tag(conn, name="Zero Downtime", color="#A0b1c2")

    assert (made.slug, made.color, made.artifact_count) == ("zero-downtime", "#A0b1c2", 0)
    assert list_tags(conn).items == (made,)


@pytest.mark.parametrize("name", [name for name in LEGAL_NAMES if len(name) <= 100])
def test_any_legal_name_is_read_as_it_was_given(conn: Connection, name: str) -> None:
    assert create_tag(conn, name=name).name == name


@pytest.mark.parametrize("name", [*ILLEGAL_NAMES, "x" * 101, "---"])
def test_an_illegal_name_is_an_invalid_value(conn: Connection, name: str) -> None:
    with pytest.raises(InvalidValue):
        create_tag(conn, name=name)

    assert list_tags(conn).items == ()


@pytest.mark.parametrize("color", ["red", "#12345", "#1234567", "#12345g", "", "#123456\n"])
def test_a_color_is_a_hex_color(conn: Connection, color: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        create_tag(conn, name="x", color=color)

    assert refused.value.constraint == "tags_color_is_a_hex_color"


def test_a_name_or_slug_that_is_taken_is_a_duplicate(conn: Connection) -> None:
    create_tag(conn, name="One")

    with pytest.raises(Duplicate) as by_slug:
        create_tag(conn, name="ONE")
    with pytest.raises(Duplicate) as by_name:
        create_tag(conn, name="One", slug="two")

    assert by_slug.value.constraint == "tags_slug_is_unique"
    assert by_name.value.constraint == "tags_name_is_unique"
    assert create_tag(conn, name="ONE", slug="other").name == "ONE"


def test_an_edit_changes_what_is_given_and_keeps_the_slug(small: Connection) -> None:
    tag = create_tag(small, name="One", color="#112233")
    tag_artifacts(small, tag.id, ARTIFACTS)
    create_tag(small, name="Two")

    renamed = edit_tag(small, tag.id, name="First", color=None)

    assert (renamed.name, renamed.slug, renamed.color) == ("First", "one", None)
    assert renamed.artifact_count == len(ARTIFACTS)
    assert edit_tag(small, tag.id, slug="first").slug == "first"
    with pytest.raises(Duplicate):
        edit_tag(small, tag.id, name="Two")
    with pytest.raises(UnknownTag):
        edit_tag(small, "nowhere", name="x")
    with pytest.raises(TypeError):
        edit_tag(small, tag.id)


def test_deleting_a_tag_removes_it_from_every_artifact(small: Connection) -> None:
    tag = create_tag(small, name="t")
    tag_artifacts(small, tag.id, ARTIFACTS)

    assert delete_tag(small, tag.id)
    assert not delete_tag(small, tag.id)
    found = get_artifact(small, "skill:pdf")
    assert found is not None
    assert found.tags == ()


def test_a_transaction_sees_exact_counts_before_its_commit(
    small: Connection, other: Connection
) -> None:
    tag = create_tag(small, name="t")
    with small.transaction():
        tag_artifacts(small, tag.id, ARTIFACTS)
        delete_artifact(small, "skill:pdf")

        assert counts(small) == {"t": 3}
        assert counts(other) == {"t": 0}


def test_pages_and_searches_of_tags_work_like_those_of_collections(conn: Connection) -> None:
    made = sorted(create_tag(conn, name=f"Tag {number}").id for number in range(5))

    first = list_tags(conn, limit=2)
    assert first.next is not None
    delete_tag(conn, first.next)
    rest = list_tags(conn, limit=3, after=first.next)

    assert [tag.id for tag in (*first.items, *rest.items)] == made
    assert rest.next is None
    assert [tag.name for tag in list_tags(conn, search="tAg").items] == [
        tag.name for tag in list_tags(conn).items
    ]
    assert list_tags(conn, search="%").items == ()


@pytest.mark.parametrize("limit", [0, -1, 2**31, 2**64])
def test_a_page_size_out_of_range_is_an_invalid_value(conn: Connection, limit: int) -> None:
    with pytest.raises(InvalidValue, match="page of"):
        list_tags(conn, limit=limit)


@pytest.mark.parametrize("text", UNSTORABLE)
def test_text_that_cannot_be_stored_is_an_invalid_value(small: Connection, text: str) -> None:
    for refused in (
        lambda: create_tag(small, name="x", slug=text),
        lambda: create_tag(small, name="x", color=text),
        lambda: tag_artifacts(small, text, []),
        lambda: tag_artifacts(small, "x", [text]),
        lambda: untag_artifacts(small, "x", [text]),
        lambda: delete_tag(small, text),
        lambda: list_tags(small, after=text),
        lambda: list_tags(small, search=text),
    ):
        with pytest.raises(InvalidValue):
            refused()
