from collections.abc import Iterator
from typing import Any

import pytest
from psycopg import Connection

from skillmeat.catalogue import NewArtifact, PutResult, get_artifact, list_artifacts, put_artifacts
from skillmeat.errors import InvalidValue, UnknownArtifactType
from skillmeat.maintenance import get_totals, list_count_drift
from tests.catalogue.hostile import ILLEGAL_NAMES, LEGAL_NAMES, UNSTORABLE

FULL = NewArtifact(
    "skill",
    "full",
    title="t\t\\N\n",
    description="d",
    author="a",
    license="l",
    source="s",
    origin="o",
    metadata={"deep": [{"er": None, "é": 1.5}]},
)


def test_every_column_is_read_as_it_was_put(conn: Connection) -> None:
    put_artifacts(conn, [FULL])

    found = get_artifact(conn, "skill:full")

    assert found is not None
    for column in NewArtifact.__dataclass_fields__:
        assert getattr(found, column) == getattr(FULL, column)


def test_a_put_counts_added_updated_and_unchanged_artifacts(conn: Connection) -> None:
    one, two = NewArtifact("skill", "one"), NewArtifact("skill", "two")

    assert put_artifacts(conn, []) == PutResult(0, 0, 0)
    assert put_artifacts(conn, [one, two]) == PutResult(2, 0, 0)
    assert put_artifacts(conn, [one, NewArtifact("skill", "two", title="x"), FULL]) == PutResult(
        1, 1, 1
    )
    assert put_artifacts(conn, [FULL]) == PutResult(0, 0, 1)


def test_a_put_counts_exactly_again_in_the_same_transaction(conn: Connection) -> None:
    with conn.transaction():
        assert put_artifacts(conn, [NewArtifact("skill", "x")]) == PutResult(1, 0, 0)
        assert put_artifacts(conn, [NewArtifact("skill", "x", title="a")]) == PutResult(0, 1, 0)
        assert put_artifacts(conn, [NewArtifact("skill", "x", title="b")]) == PutResult(0, 1, 0)
        assert put_artifacts(conn, [NewArtifact("skill", "x", title="b")]) == PutResult(0, 0, 1)


def test_the_last_of_several_artifacts_with_one_key_is_put(conn: Connection) -> None:
    titles = ["a", "c", "b"]

    put = put_artifacts(conn, [NewArtifact("skill", "x", title=title) for title in titles])

    assert put == PutResult(1, 0, 0)
    found = get_artifact(conn, "skill:x")
    assert found is not None
    assert found.title == "b"


def test_an_unchanged_artifact_is_neither_written_nor_locked(conn: Connection) -> None:
    put_artifacts(conn, [FULL])
    before = conn.execute("select ctid, xmin, xmax from artifacts").fetchall()

    put_artifacts(conn, [FULL])

    assert conn.execute("select ctid, xmin, xmax from artifacts").fetchall() == before


def test_unknown_types_are_named_and_nothing_is_put(conn: Connection) -> None:
    with pytest.raises(UnknownArtifactType, match="type 'potion', 'spell': insert") as refused:
        put_artifacts(
            conn, [FULL, *(NewArtifact(each, "x") for each in ("spell", "potion", "spell"))]
        )

    assert (refused.value.unknown, refused.value.sqlstate) == (("potion", "spell"), "SM005")
    assert get_totals(conn).artifacts == 0


@pytest.mark.parametrize("name", LEGAL_NAMES)
def test_any_legal_name_is_read_as_it_was_put(conn: Connection, name: str) -> None:
    put_artifacts(conn, [NewArtifact("skill", name)])

    found = get_artifact(conn, f"skill:{name}")
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize("name", ILLEGAL_NAMES)
def test_an_illegal_name_is_an_invalid_value_and_nothing_is_put(
    conn: Connection, name: str
) -> None:
    with pytest.raises(InvalidValue) as refused:
        put_artifacts(conn, [FULL, NewArtifact("skill", name)])

    assert refused.value.sqlstate in {"22021", "23514"}
    assert str(refused.value).isprintable()
    assert list_artifacts(conn).items == ()


@pytest.mark.parametrize("text", UNSTORABLE)
@pytest.mark.parametrize("column", ["type", "title", "source", "metadata"])
def test_text_that_cannot_be_stored_is_an_invalid_value(
    conn: Connection, column: str, text: str
) -> None:
    given: dict[str, Any] = {"type": "skill", "name": "x", column: text}
    if column == "metadata":
        given["metadata"] = {text: text}

    with pytest.raises(InvalidValue):
        put_artifacts(conn, [FULL, NewArtifact(**given)])

    assert list_artifacts(conn).items == ()


@pytest.mark.parametrize("metadata", [{"x": float("nan")}, {"x": float("inf")}, ["no object"]])
def test_metadata_that_is_no_json_object_is_an_invalid_value(
    conn: Connection, metadata: dict[str, Any]
) -> None:
    with pytest.raises(InvalidValue):
        put_artifacts(conn, [NewArtifact("skill", "x", metadata=metadata)])


def test_an_error_of_the_callers_iterable_is_raised_and_nothing_is_put(
    conn: Connection,
) -> None:
    def broken() -> Iterator[NewArtifact]:
        yield FULL
        message = "mine"
        raise LookupError(message)

    with pytest.raises(LookupError, match="mine"):
        put_artifacts(conn, broken())

    assert list_artifacts(conn).items == ()
    assert put_artifacts(conn, [FULL]) == PutResult(1, 0, 0)


def test_a_refused_put_leaves_the_callers_transaction_usable(conn: Connection) -> None:
    with conn.transaction():
        put_artifacts(conn, [FULL])
        with pytest.raises(UnknownArtifactType):
            put_artifacts(conn, [NewArtifact("spell", "x")])
        put_artifacts(conn, [NewArtifact("skill", "after")])

    assert [each.id for each in list_artifacts(conn).items] == ["skill:after", "skill:full"]


def test_ten_thousand_artifacts_are_counted_exactly(conn: Connection) -> None:
    every = [NewArtifact("agent" if number % 3 else "skill", str(number)) for number in range(9999)]

    assert put_artifacts(conn, every) == PutResult(9999, 0, 0)
    assert get_totals(conn).artifacts == 9999
    assert list_count_drift(conn) == ()
