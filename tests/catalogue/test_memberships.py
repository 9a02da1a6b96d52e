import pytest
from psycopg import Connection

from skillmeat.catalogue import (
    AddResult,
    add_artifacts,
    add_to_group,
    create_collection,
    create_group,
    delete_artifact,
    get_collection,
    get_group,
    remove_artifacts,
)
from skillmeat.errors import InvalidValue, UnknownArtifact, UnknownCollection, UnknownKey
from tests.catalogue.conftest import ARTIFACTS
from tests.catalogue.hostile import LEGAL_NAMES, UNSTORABLE


def count(conn: Connection, id: str) -> int:  # noqa: A002
    found = get_collection(conn, id)
    assert found is not None
    return found.artifact_count


def test_adding_returns_how_many_are_new_and_how_many_were_members(small: Connection) -> None:
    assert add_artifacts(small, "one", ARTIFACTS[:2]) == AddResult(2, 0, 2)
    assert add_artifacts(small, "one", ARTIFACTS) == AddResult(2, 2, 4)
    assert add_artifacts(small, "one", ARTIFACTS) == AddResult(0, 4, 4)
    assert count(small, "one") == 4


def test_an_id_that_is_given_twice_is_added_once(small: Connection) -> None:
    assert add_artifacts(small, "one", ["skill:pdf", "skill:pdf"]) == AddResult(1, 0, 1)


def test_adding_no_artifacts_changes_nothing(small: Connection) -> None:
    assert add_artifacts(small, "one", []) == AddResult(0, 0, 0)


def test_ids_may_come_from_any_iterable(small: Connection) -> None:
    assert add_artifacts(small, "one", iter(ARTIFACTS)).added == 4


def test_the_error_names_unknown_artifacts_and_none_is_added(small: Connection) -> None:
    with pytest.raises(UnknownArtifact, match="'skill:no', 'skill:nor'") as refused:
        add_artifacts(small, "one", ["skill:pdf", "skill:nor", "skill:no"])

    assert refused.value.unknown == ("skill:no", "skill:nor")
    assert refused.value.sqlstate == "SM002"
    assert count(small, "one") == 0


def test_the_message_names_ten_unknown_artifacts_and_the_error_has_all(
    small: Connection,
) -> None:
    unknown = tuple(f"skill:no-{number:04}" for number in range(1000))

    with pytest.raises(UnknownArtifact, match="and 990 more") as refused:
        add_artifacts(small, "one", unknown)

    assert refused.value.unknown == unknown
    assert len(str(refused.value)) < 300


def test_the_error_names_an_unknown_collection(small: Connection) -> None:
    with pytest.raises(UnknownCollection, match="collection 'nowhere'") as refused:
        add_artifacts(small, "nowhere", ["skill:pdf", "skill:no"])

    assert refused.value.unknown == ("nowhere",)


def test_an_unknown_artifact_with_the_id_of_the_collection_is_an_unknown_artifact(
    small: Connection,
) -> None:
    create_collection(small, id="skill:twin", name="Twin")

    with pytest.raises(UnknownKey) as refused:
        add_artifacts(small, "skill:twin", ["skill:twin"])

    assert type(refused.value) is UnknownArtifact
    assert refused.value.unknown == ("skill:twin",)


def test_an_unknown_collection_is_reported_before_an_unknown_artifact_with_its_id(
    small: Connection,
) -> None:
    with pytest.raises(UnknownKey) as refused:
        add_artifacts(small, "skill:twin", ["skill:twin"])

    assert type(refused.value) is UnknownCollection
    assert refused.value.unknown == ("skill:twin",)


def test_a_transaction_continues_after_an_unknown_id(small: Connection) -> None:
    with small.transaction():
        for unknown in (("nowhere", "skill:pdf"), ("one", "skill:no")):
            with pytest.raises(UnknownKey):
                add_artifacts(small, unknown[0], [unknown[1]])
        add_artifacts(small, "one", ["skill:pdf"])

    assert count(small, "one") == 1


@pytest.mark.parametrize("text", [*LEGAL_NAMES, "two\nlines", "escape\x1b[31m"])
def test_an_unknown_id_is_shown_in_one_line_without_control_characters(
    small: Connection, text: str
) -> None:
    with pytest.raises(UnknownArtifact) as artifact:
        add_artifacts(small, "one", [text])
    with pytest.raises(UnknownCollection) as whole:
        add_artifacts(small, text, [])

    for refused in (artifact, whole):
        assert refused.value.unknown == (text,)
        assert str(refused.value).isprintable()
        assert "\n" not in str(refused.value)


@pytest.mark.parametrize("text", UNSTORABLE)
def test_ids_that_cannot_be_stored_are_invalid_values(small: Connection, text: str) -> None:
    for change in (add_artifacts, remove_artifacts):
        with pytest.raises(InvalidValue):
            change(small, text, ["skill:pdf"])
        with pytest.raises(InvalidValue):
            change(small, "one", [text])


def test_a_removal_returns_how_many_were_members(small: Connection) -> None:
    add_artifacts(small, "one", ARTIFACTS)

    assert remove_artifacts(small, "one", ["skill:pdf", "skill:sql", "skill:no"]) == 2
    assert remove_artifacts(small, "one", ["skill:pdf", "skill:sql", "skill:no"]) == 0
    assert remove_artifacts(small, "one", []) == 0
    assert remove_artifacts(small, "nowhere", ["skill:pdf"]) == 0
    assert count(small, "one") == 2


def test_an_artifact_removed_from_a_collection_leaves_its_groups(small: Connection) -> None:
    add_artifacts(small, "one", ARTIFACTS)
    made = create_group(small, "one", name="G")
    add_to_group(small, made.id, ARTIFACTS)

    remove_artifacts(small, "one", ["skill:pdf"])

    left = get_group(small, made.id)
    assert left is not None
    assert left.artifact_count == 3


def test_a_transaction_sees_exact_counts_before_its_commit(
    small: Connection, other: Connection
) -> None:
    with small.transaction():
        assert add_artifacts(small, "one", ARTIFACTS[:3]) == AddResult(3, 0, 3)
        assert remove_artifacts(small, "one", ["skill:pdf"]) == 1
        delete_artifact(small, "agent:reviewer")
        assert add_artifacts(small, "one", ["skill:sql"]) == AddResult(1, 0, 2)
        assert count(small, "one") == 2
        assert count(other, "one") == 0
    assert count(other, "one") == 2
