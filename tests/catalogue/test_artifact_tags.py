import pytest
from psycopg import Connection

from skillmeat.catalogue import (
    create_tag,
    get_artifact,
    list_tags,
    replace_tags,
    tag_artifacts,
    untag_artifacts,
)
from skillmeat.errors import InvalidValue, UnknownArtifact, UnknownTag
from tests.catalogue.conftest import ARTIFACTS
from tests.catalogue.test_tags import counts


def tags_of(conn: Connection, artifact_id: str) -> tuple[str, ...]:
    found = get_artifact(conn, artifact_id)
    assert found is not None
    return found.tags


def test_tagging_returns_how_many_artifacts_are_newly_tagged(small: Connection) -> None:
    tag = create_tag(small, name="t")

    assert tag_artifacts(small, tag.id, ARTIFACTS[:2]) == 2
    assert tag_artifacts(small, tag.id, [*ARTIFACTS, *ARTIFACTS]) == 2
    assert tag_artifacts(small, tag.id, []) == 0
    assert untag_artifacts(small, tag.id, ["skill:pdf", "skill:no"]) == 1
    assert untag_artifacts(small, tag.id, ["skill:pdf"]) == 0
    assert counts(small) == {"t": 3}


def test_the_error_names_unknown_artifacts_or_tags_and_none_is_tagged(small: Connection) -> None:
    tag = create_tag(small, name="t")

    with pytest.raises(UnknownArtifact, match="'skill:no'") as artifacts:
        tag_artifacts(small, tag.id, ["skill:no", "skill:pdf", "skill:no"])
    with pytest.raises(UnknownTag, match="tag 'nowhere'") as whole:
        tag_artifacts(small, "nowhere", ["skill:pdf"])

    assert artifacts.value.unknown == ("skill:no",)
    assert whole.value.unknown == ("nowhere",)
    assert counts(small) == {"t": 0}


def test_a_replacement_leaves_exactly_the_given_tags(small: Connection) -> None:
    kept = create_tag(small, name="Zero Downtime")
    tag_artifacts(small, kept.id, ["skill:pdf", "skill:sql"])
    tag_artifacts(small, create_tag(small, name="old").id, ["skill:pdf"])

    # The first is an existing tag in another spelling; the last two are the same tag.
    replace_tags(small, "skill:pdf", ["zero_downtime", "c++", "New", "NEW"])

    assert tags_of(small, "skill:pdf") == ("NEW", "Zero Downtime", "c++")
    assert counts(small) == {"Zero Downtime": 2, "old": 0, "c++": 1, "NEW": 1}
    replace_tags(small, "skill:pdf", [])
    assert tags_of(small, "skill:pdf") == ()
    assert counts(small) == {"Zero Downtime": 1, "old": 0, "c++": 0, "NEW": 0}


def test_a_replacement_prefers_the_tag_with_the_slug_to_the_tag_with_the_name(
    small: Connection,
) -> None:
    create_tag(small, name="x", slug="other")
    create_tag(small, name="y", slug="x")

    replace_tags(small, "skill:pdf", ["x"])

    assert tags_of(small, "skill:pdf") == ("y",)


def test_each_replacement_that_changes_a_tag_is_an_edit(small: Connection) -> None:
    times = []
    with small.transaction():
        for names in (["a"], ["a", "b"], ["b"], ["b"]):
            replace_tags(small, "skill:pdf", names)
            found = get_artifact(small, "skill:pdf")
            assert found is not None
            times.append(found.updated_at)

    assert times[0] < times[1] < times[2] == times[3]


def test_a_refused_replacement_changes_nothing(small: Connection) -> None:
    replace_tags(small, "skill:pdf", ["kept"])

    with pytest.raises(InvalidValue):
        replace_tags(small, "skill:pdf", ["new", "x" * 101])
    with pytest.raises(UnknownArtifact):
        replace_tags(small, "skill:no", ["new"])

    assert tags_of(small, "skill:pdf") == ("kept",)
    assert [tag.name for tag in list_tags(small).items] == ["kept"]
