"""Two sessions at once on the same rows."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from psycopg import Connection, IsolationLevel

import skillmeat
from skillmeat.catalogue import (
    AddResult,
    NewArtifact,
    PutResult,
    add_artifacts,
    add_to_group,
    create_collection,
    create_group,
    create_tag,
    delete_artifact,
    delete_collection,
    edit_collection,
    get_artifact,
    get_collection,
    get_group,
    list_collections,
    put_artifacts,
    remove_from_group,
    replace_tags,
)
from skillmeat.errors import Duplicate, Retry, UnknownArtifact, UnknownCollection, UnknownKey
from skillmeat.maintenance import list_count_drift
from tests.catalogue.conftest import ARTIFACTS
from tests.catalogue.sessions import until_blocked

Call = Callable[[Connection], object]


@pytest.fixture
def first(url: str) -> Iterator[Connection]:
    """Yield the first session, not in autocommit."""
    with skillmeat.connect(url) as conn:
        yield conn


@pytest.fixture
def second(url: str) -> Iterator[Connection]:
    """Yield the second session, not in autocommit."""
    with skillmeat.connect(url) as conn:
        yield conn


def second_waits_for_first(
    observer: Connection, first: Connection, second: Connection, call: Call
) -> Callable[[], object]:
    """Start `call` in the second session; return a function for its result once it waits."""
    pool = ThreadPoolExecutor(1)
    future = pool.submit(call, second)
    until_blocked(observer, second)

    def result() -> object:
        try:
            return future.result()
        finally:
            second.rollback() if future.exception() else second.commit()
            pool.shutdown()

    first.commit()
    return result


@pytest.mark.parametrize(
    "call",
    [
        lambda conn: create_collection(conn, name="same"),
        lambda conn: create_collection(conn, id="same", name=str(conn.info.backend_pid)),
        lambda conn: create_group(conn, "one", name="same"),
        lambda conn: create_tag(conn, name="same"),
    ],
    ids=["collection", "collection's id", "group", "tag"],
)
def test_the_second_session_that_creates_a_name_gets_a_duplicate_error(
    small: Connection, first: Connection, second: Connection, call: Call
) -> None:
    call(first)

    result = second_waits_for_first(small, first, second, call)

    with pytest.raises(Duplicate):
        result()
    assert list_count_drift(small) == ()


def test_the_second_session_that_renames_to_a_name_gets_a_duplicate_error(
    small: Connection, first: Connection, second: Connection
) -> None:
    edit_collection(first, "one", name="same")

    result = second_waits_for_first(
        small, first, second, lambda conn: edit_collection(conn, "two", name="same")
    )

    with pytest.raises(Duplicate):
        result()
    assert [each.name for each in list_collections(small).items] == ["same", "Two"]


def test_two_concurrent_edits_of_different_columns_are_both_kept(
    small: Connection, first: Connection, second: Connection
) -> None:
    edit_collection(first, "one", description="d")

    second_waits_for_first(
        small, first, second, lambda conn: edit_collection(conn, "one", collection_type="t")
    )()

    found = get_collection(small, "one")
    assert found is not None
    assert (found.description, found.collection_type) == ("d", "t")


def test_an_edit_that_fails_at_repeatable_read_succeeds_when_repeated(
    small: Connection, first: Connection, second: Connection
) -> None:
    second.isolation_level = IsolationLevel.REPEATABLE_READ
    get_collection(second, "one")
    edit_collection(first, "one", name="First")

    result = second_waits_for_first(
        small, first, second, lambda conn: edit_collection(conn, "one", name="Second")
    )

    with pytest.raises(Retry) as refused:
        result()
    assert refused.value.sqlstate == "40001"


def test_an_artifact_that_another_session_is_adding_counts_as_a_member(
    small: Connection, first: Connection, second: Connection
) -> None:
    add_artifacts(first, "one", ["skill:pdf"])

    result = second_waits_for_first(
        small, first, second, lambda conn: add_artifacts(conn, "one", ["skill:pdf", "skill:sql"])
    )

    assert result() == AddResult(added=1, already_present=1, artifact_count=2)
    assert list_count_drift(small) == ()


def test_an_artifact_that_another_session_is_adding_to_a_group_counts_as_there(
    small: Connection, first: Connection, second: Connection
) -> None:
    add_artifacts(small, "one", ARTIFACTS)
    create_group(small, "one", id="g", name="G")
    add_to_group(first, "g", ["skill:pdf"])

    result = second_waits_for_first(
        small, first, second, lambda conn: add_to_group(conn, "g", ["skill:sql", "skill:pdf"])
    )

    assert result() == AddResult(added=1, already_present=1, artifact_count=2)


def test_a_put_updates_an_artifact_that_another_session_is_putting(
    small: Connection, first: Connection, second: Connection
) -> None:
    put_artifacts(first, [NewArtifact("skill", "x", title="first")])

    result = second_waits_for_first(
        small,
        first,
        second,
        lambda conn: put_artifacts(conn, [NewArtifact("skill", "x", title="second")]),
    )

    assert result() == PutResult(added=0, updated=1, unchanged=0)
    found = get_artifact(small, "skill:x")
    assert found is not None
    assert found.title == "second"


@pytest.mark.parametrize(
    ("delete", "error"),
    [
        (lambda conn: delete_collection(conn, "one"), UnknownCollection),
        (lambda conn: delete_artifact(conn, "skill:pdf"), UnknownArtifact),
    ],
    ids=["collection", "artifact"],
)
def test_the_error_names_the_row_that_another_session_deleted(
    small: Connection,
    first: Connection,
    second: Connection,
    delete: Call,
    error: type[UnknownKey],
) -> None:
    delete(first)

    result = second_waits_for_first(
        small, first, second, lambda conn: add_artifacts(conn, "one", ["skill:pdf", "skill:sql"])
    )

    with pytest.raises(error) as refused:
        result()
    assert (type(refused.value), refused.value.sqlstate) == (error, "23503")
    assert list_count_drift(small) == ()


def test_sessions_that_fill_groups_in_opposite_orders_do_not_deadlock(
    small: Connection, first: Connection, second: Connection
) -> None:
    every = [NewArtifact("skill", f"{number:03}") for number in range(300)]
    ids = [f"skill:{each.name}" for each in every]
    put_artifacts(small, every)
    add_artifacts(small, "one", ids)

    def fill(conn: Connection, turn: int, order: list[str]) -> None:
        put_artifacts(conn, [NewArtifact("agent", f"{turn}{each}") for each in order])
        conn.commit()
        add_artifacts(conn, "two", order)
        conn.commit()
        add_to_group(conn, f"g{turn}", order)
        conn.commit()

    with ThreadPoolExecutor(2) as pool:
        for turn in range(8):
            create_group(small, "one", id=f"g{turn}", name=f"G{turn}")
            delete_collection(small, "two")
            create_collection(small, id="two", name="Two")
            forth = pool.submit(fill, first, turn, ids)
            back = pool.submit(fill, second, turn, ids[::-1])
            forth.result()
            back.result()

    assert list_count_drift(small) == ()


def test_of_two_replacements_of_tags_at_once_the_later_one_is_left(
    small: Connection, first: Connection, second: Connection
) -> None:
    replace_tags(first, "skill:pdf", ["a", "b"])
    second_waits_for_first(
        small, first, second, lambda conn: replace_tags(conn, "skill:pdf", ["b", "c"])
    )()

    found = get_artifact(small, "skill:pdf")
    assert found is not None
    assert found.tags == ("b", "c")
    assert list_count_drift(small) == ()


def test_sessions_that_remove_and_insert_in_one_group_do_not_deadlock(url: str) -> None:
    ids = [f"skill:r{number:02}" for number in range(60)]
    with skillmeat.connect(url, autocommit=True) as conn:
        conn.execute(
            "insert into artifacts (type, name)"
            " select 'skill', split_part(id, ':', 2) from unnest(%s::text[]) as id",
            [ids],
        )
        create_collection(conn, id="r", name="R")
        add_artifacts(conn, "r", ids)
        create_group(conn, "r", id="rg", name="G")
        # In the order of neither the rows nor the ids.
        add_to_group(conn, "rg", sorted(ids, key=lambda id_: id_[::-1]))

    def remove_some(part: int) -> None:
        with skillmeat.connect(url, autocommit=True) as conn:
            for id_ in ids[part::4][:12]:
                remove_from_group(conn, "rg", [id_])
            add_to_group(conn, "rg", [ids[part]], position=0)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(remove_some, range(4)))

    with skillmeat.connect(url) as conn:
        group = get_group(conn, "rg")
    assert group is not None
    assert group.artifact_count == 60 - 4 * 12 + 4
