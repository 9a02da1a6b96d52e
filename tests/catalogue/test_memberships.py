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


def test_adding_says_how_many_are_new_and_how_many_were_there(small: Connection) -> None:
    assert add_artifacts(small, "one", ARTIFACTS[:2]) == AddResult(2, 0, 2)
    assert add_artifacts(small, "one", ARTIFACTS) == AddResult(2, 2, 4)
    assert add_artifacts(small, "one", ARTIFACTS) == AddResult(0, 4, 4)
    assert count(small, "one") == 4


def test_an_id_given_twice_counts_once(small: Connection) -> None:
    assert add_artifacts(small, "one", ["skill:pdf", "skill:pdf"]) == AddResult(1, 0, 1)


def test_adding_nothing_adds_nothing(small: Connection) -> None:
    assert add_artifacts(small, "one", []) == AddResult(0, 0, 0)


def test_any_iterable_will_do(small: Connection) -> None:
    assert add_artifacts(small, "one", iter(ARTIFACTS)).added == 4


def test_unknown_artifacts_are_named_and_nothing_is_added(small: Connection) -> None:
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


def test_an_unknown_collection_is_named(small: Connection) -> None:
    with pytest.raises(UnknownCollection, match="collection 'nowhere'") as refused:
        add_artifacts(small, "nowhere", ["skill:pdf", "skill:no"])

    assert refused.value.unknown == ("nowhere",)


def test_an_artifact_whose_id_is_the_collections_is_an_unknown_artifact(small: Connection) -> None:
    create_collection(small, id="skill:twin", name="Twin")

    with pytest.raises(UnknownKey) as refused:
        add_artifacts(small, "skill:twin", ["skill:twin"])

    assert type(refused.value) is UnknownArtifact
    assert refused.value.unknown == ("skill:twin",)


def test_an_unknown_collection_is_named_before_an_artifact_with_the_same_id(
    small: Connection,
) -> None:
    with pytest.raises(UnknownKey) as refused:
        add_artifacts(small, "skill:twin", ["skill:twin"])

    assert type(refused.value) is UnknownCollection
    assert refused.value.unknown == ("skill:twin",)


def test_a_transaction_goes_on_after_something_unknown(small: Connection) -> None:
    with small.transaction():
        for unknown in (("nowhere", "skill:pdf"), ("one", "skill:no")):
            with pytest.raises(UnknownKey):
                add_artifacts(small, unknown[0], [unknown[1]])
        add_artifacts(small, "one", ["skill:pdf"])

    assert count(small, "one") == 1


@pytest.mark.parametrize("text", [*LEGAL_NAMES, "two\nlines", "escape\x1b[31m"])
def test_an_unknown_id_is_shown_in_one_line_whatever_it_holds(small: Connection, text: str) -> None:
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


def test_removing_says_how_many_there_were(small: Connection) -> None:
    add_artifacts(small, "one", ARTIFACTS)

    assert remove_artifacts(small, "one", ["skill:pdf", "skill:sql", "skill:no"]) == 2
    assert remove_artifacts(small, "one", ["skill:pdf", "skill:sql", "skill:no"]) == 0
    assert remove_artifacts(small, "one", []) == 0
    assert remove_artifacts(small, "nowhere", ["skill:pdf"]) == 0
    assert count(small, "one") == 2


def test_leaving_the_collection_is_leaving_its_groups(small: Connection) -> None:
    add_artifacts(small, "one", ARTIFACTS)
    made = create_group(small, "one", name="G")
    add_to_group(small, made.id, ARTIFACTS)

    remove_artifacts(small, "one", ["skill:pdf"])

    left = get_group(small, made.id)
    assert left is not None
    assert left.artifact_count == 3


def test_counts_are_exact_in_the_own_transaction_before_it_is_committed(
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
