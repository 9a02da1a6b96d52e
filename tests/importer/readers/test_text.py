from hypothesis import given
from hypothesis import strategies as st

from skillmeat import models
from skillmeat.catalogue import slugify
from skillmeat.importer.readers.text import (
    INVISIBLE,
    clean_tags,
    escape,
    is_storable,
    is_valid_name,
)


def test_a_tag_and_its_slug_have_at_most_100_characters() -> None:
    # The slug of ß is two characters long: ss.
    tags, reason = clean_tags(["x" * 100, "y" * 101, "ß" * 60])

    assert tags == ("x" * 100,)
    assert reason is not None


def test_the_importer_and_the_database_agree_on_names_that_cannot_be_seen() -> None:
    assert INVISIBLE == models.base.INVISIBLE
    assert [is_valid_name(name) for name in ("a\u200b", "\u200b", "\u2800 \ufe0f")] == [
        True,
        False,
        False,
    ]


def test_neither_nul_nor_a_lone_surrogate_is_storable_among_ascii_or_other_characters() -> None:
    texts = ("", "a", "é😀", "a\0", "é\0", "a\ud800")

    assert [is_storable(text) for text in texts] == [True, True, True, False, False, False]


def test_the_first_tag_in_code_point_order_stays_if_tags_share_a_slug() -> None:
    assert clean_tags(["api", "API", "Api", "b"]) == (("API", "b"), None)


@given(st.lists(st.text(st.characters())))
def test_clean_tags_are_valid_names_with_distinct_slugs(names: list[str]) -> None:
    tags, reason = clean_tags(names)

    slugs = [slugify(tag) for tag in tags]
    assert len(set(slugs)) == len(slugs)
    assert all(is_valid_name(text) for text in (*tags, *slugs))
    assert reason is None or (is_storable(reason) and "\n" not in reason)


@given(st.text(st.characters()))
def test_an_escaped_text_is_one_line_that_can_be_encoded(text: str) -> None:
    line = escape(text)

    assert bool(line.encode()) == bool(text)
    assert len(line.splitlines()) <= 1
