import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillmeat.importer.readers import slug
from skillmeat.importer.readers.tags import clean_tags
from skillmeat.importer.readers.text import escape, is_storable, is_valid_name


@pytest.mark.parametrize(
    "name", ["Zero Downtime", "zero_downtime", " zero--downtime ", "\uff3aERO-downtime"]
)
def test_spellings_of_a_tag_share_a_slug(name: str) -> None:
    assert slug(name) == "zero-downtime"


def test_tags_that_differ_in_signs_have_different_slugs() -> None:
    assert [slug(name) for name in ("C", "C++", "C#", "lang/C", ".NET")] == [
        "c",
        "c++",
        "c#",
        "lang/c",
        ".net",
    ]


def test_a_tag_and_its_slug_have_at_most_100_characters() -> None:
    # The slug of ß is ss.
    tags, reason = clean_tags(["x" * 100, "y" * 101, "ß" * 60])

    assert tags == ("x" * 100,)
    assert reason is not None


def test_of_tags_with_one_slug_the_first_in_code_point_order_stays() -> None:
    assert clean_tags(["api", "API", "Api", "b"]) == (("API", "b"), None)


@given(st.lists(st.text(st.characters())))
def test_clean_tags_are_names_with_slugs_of_their_own(names: list[str]) -> None:
    tags, reason = clean_tags(names)

    slugs = [slug(tag) for tag in tags]
    assert len(set(slugs)) == len(slugs)
    assert all(is_valid_name(text) for text in (*tags, *slugs))
    assert reason is None or (is_storable(reason) and "\n" not in reason)


@given(st.text(st.characters()))
def test_whatever_is_shown_is_one_line_that_can_be_encoded(text: str) -> None:
    line = escape(text)

    assert bool(line.encode()) == bool(text)
    assert len(line.splitlines()) <= 1
