import pytest

from skillmeat.catalogue import slugify


@pytest.mark.parametrize(
    "name", ["Zero Downtime", "zero_downtime", " zero--downtime ", "\uff3aERO-downtime"]
)
def test_spellings_of_a_tag_share_a_slug(name: str) -> None:
    assert slugify(name) == "zero-downtime"


def test_tags_that_differ_in_signs_have_different_slugs() -> None:
    assert [slugify(name) for name in ("C", "C++", "C#", "lang/C", ".NET")] == [
        "c",
        "c++",
        "c#",
        "lang/c",
        ".net",
    ]
