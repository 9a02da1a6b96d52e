import pytest
from psycopg import Connection

from skillmeat.catalogue import (
    add_artifacts,
    create_collection,
    create_group,
    delete_collection,
    edit_collection,
    find_collection,
    get_collection,
    list_collections,
)
from skillmeat.errors import Duplicate, InvalidValue, RowChanged, UnknownCollection
from tests.catalogue.conftest import ARTIFACTS
from tests.catalogue.hostile import ILLEGAL_NAMES, LEGAL_NAMES, UNSTORABLE


def test_a_new_collection_has_an_id_of_32_hex_digits_and_counts_of_zero(conn: Connection) -> None:
    created = create_collection(
        conn,
        name="Mine",
        description="d",
        created_by="me",
        collection_type="t",
        context_category="c",
    )

    assert len(created.id) == 32
    assert int(created.id, 16) >= 0
    assert (created.name, created.description, created.created_by) == ("Mine", "d", "me")
    assert (created.collection_type, created.context_category) == ("t", "c")
    assert (created.artifact_count, created.group_count, created.source) == (0, 0, None)
    assert get_collection(conn, created.id) == created


def test_reading_an_unknown_collection_returns_none(conn: Connection) -> None:
    assert get_collection(conn, "nowhere") is None


@pytest.mark.parametrize("name", LEGAL_NAMES)
def test_any_legal_name_and_id_is_read_as_it_was_given(conn: Connection, name: str) -> None:
    created = create_collection(conn, id=name, name=name, description=name)

    assert (created.id, created.name, created.description) == (name, name, name)
    assert find_collection(conn, name) == get_collection(conn, name) == created


@pytest.mark.parametrize("name", ILLEGAL_NAMES)
def test_an_illegal_name_is_an_invalid_value_in_one_line(conn: Connection, name: str) -> None:
    for given in ({"name": name}, {"id": name, "name": "fine"}):
        with pytest.raises(InvalidValue) as refused:
            create_collection(conn, **given)

        assert refused.value.sqlstate in {"22021", "23514"}
        assert len(str(refused.value).splitlines()) == 1
        assert str(refused.value).isprintable()
    assert list_collections(conn).items == ()


@pytest.mark.parametrize("text", UNSTORABLE)
def test_text_that_cannot_be_stored_is_an_invalid_value_in_every_argument(
    small: Connection, text: str
) -> None:
    with pytest.raises(InvalidValue):
        create_collection(small, name="x", description=text)
    with pytest.raises(InvalidValue):
        edit_collection(small, "one", description=text)
    with pytest.raises(InvalidValue):
        edit_collection(small, text, name="x")
    with pytest.raises(InvalidValue):
        get_collection(small, text)
    with pytest.raises(InvalidValue):
        find_collection(small, text)
    with pytest.raises(InvalidValue):
        delete_collection(small, text)
    with pytest.raises(InvalidValue):
        list_collections(small, after=text)
    with pytest.raises(InvalidValue):
        list_collections(small, search=text)


def test_a_name_or_id_that_is_taken_is_a_duplicate(small: Connection) -> None:
    with pytest.raises(Duplicate) as by_name:
        create_collection(small, name="One")
    with pytest.raises(Duplicate) as by_id:
        create_collection(small, id="one", name="Another")
    with pytest.raises(Duplicate):
        edit_collection(small, "two", name="One")

    assert (by_name.value.sqlstate, by_name.value.constraint) == (
        "23505",
        "collections_name_is_unique",
    )
    assert by_id.value.constraint == "collections_pkey"
    assert [each.name for each in list_collections(small).items] == ["One", "Two"]


def test_an_edit_changes_only_the_given_columns(small: Connection) -> None:
    before = edit_collection(small, "one", description="old", collection_type="kept")

    after = edit_collection(small, "one", description=None)

    assert (after.description, after.collection_type, after.name) == (None, "kept", "One")
    assert after.updated_at > before.updated_at
    assert get_collection(small, "one") == after


def test_an_edit_to_the_same_value_changes_nothing(small: Connection) -> None:
    before = get_collection(small, "one")

    assert edit_collection(small, "one", name="One") == before


def test_an_edit_returns_exact_counts_in_its_own_transaction(small: Connection) -> None:
    with small.transaction():
        add_artifacts(small, "one", ARTIFACTS)
        create_group(small, "one", name="G")

        edited = edit_collection(small, "one", description="d")

    assert (edited.artifact_count, edited.group_count) == (4, 1)


def test_an_edit_of_an_unknown_collection_names_it(small: Connection) -> None:
    with pytest.raises(UnknownCollection, match="'nowhere'") as refused:
        edit_collection(small, "nowhere", name="x")

    assert (refused.value.unknown, refused.value.sqlstate) == (("nowhere",), "SM001")


def test_an_edit_without_a_column_is_a_type_error(small: Connection) -> None:
    with pytest.raises(TypeError):
        edit_collection(small, "one")


def test_an_edit_or_a_delete_of_an_older_version_writes_nothing(small: Connection) -> None:
    read = get_collection(small, "one")
    assert read is not None
    edited = edit_collection(small, "one", name="Mine", if_updated_at=[read.updated_at])

    with pytest.raises(RowChanged, match="collection 'one' was edited after you read it"):
        edit_collection(small, "one", name="Lost", if_updated_at=[read.updated_at])
    with pytest.raises(RowChanged):
        delete_collection(small, "one", if_updated_at=[read.updated_at])

    assert get_collection(small, "one") == edited
    assert delete_collection(small, "one", if_updated_at=[read.updated_at, edited.updated_at])
    assert not delete_collection(small, "one", if_updated_at=[edited.updated_at])


def test_a_delete_removes_the_groups_and_returns_whether_the_collection_existed(
    small: Connection,
) -> None:
    add_artifacts(small, "one", ARTIFACTS)
    create_group(small, "one", name="G")

    assert delete_collection(small, "one")
    assert not delete_collection(small, "one")
    assert get_collection(small, "one") is None


def test_a_lookup_prefers_an_id_to_a_name(small: Connection) -> None:
    create_collection(small, id="x", name="one")

    assert find_collection(small, "one").id == "one"
    assert find_collection(small, "Two").id == "two"
    create_collection(small, id="Two", name="Later")
    assert find_collection(small, "Two").id == "Two"
    with pytest.raises(UnknownCollection, match="'three'"):
        find_collection(small, "three")


def test_pages_are_ordered_by_id_and_the_last_page_has_no_cursor(conn: Connection) -> None:
    ids = sorted(f"{number:02}" for number in range(7))
    for each in ids:
        create_collection(conn, id=each, name=f"n{each}")

    first = list_collections(conn, limit=3)
    second = list_collections(conn, limit=3, after=first.next)
    third = list_collections(conn, limit=3, after=second.next)

    assert [[each.id for each in page.items] for page in (first, second, third)] == [
        ids[:3],
        ids[3:6],
        ids[6:],
    ]
    assert (first.next, second.next, third.next) == ("02", "05", None)


A_TO_Z = (
    "zzz default",
    "!",
    "Äpfel",
    "apple 2",
    "Apple 2b",
    "APPLE 10",
    "apple 010",
    "apple 999999999999",
    "beta",
    "Bêta",
    "bets",
    "E\u0301clair",
    "Zulu",
    "a1" * 127,
    "\ufdfa" * 255,
    "🙂" * 255,
)


def test_pages_by_name_are_from_a_to_z_with_default_first(conn: Connection) -> None:
    for at, name in enumerate(A_TO_Z):
        create_collection(conn, id="default" if at == 0 else f"{at:02}", name=name)

    names: list[str] = []
    after = None
    for _ in A_TO_Z:
        page = list_collections(conn, limit=1, after=after, sort="name")
        names += [each.name for each in page.items]
        after = page.next

    keys = conn.execute("select name from collection_summaries order by sort_key").fetchall()
    assert names == [name for (name,) in keys]
    assert names[0] == "zzz default"
    known = [name for name in names if name in A_TO_Z[2:13]]
    assert known == [
        *("Äpfel", "apple 2", "Apple 2b", "APPLE 10", "apple 010", "apple 999999999999"),
        *("Bêta", "beta", "bets", "E\u0301clair", "Zulu"),
    ]
    assert (sorted(names), after) == (sorted(A_TO_Z), None)


def test_a_page_by_name_starts_after_a_name_that_is_gone(small: Connection) -> None:
    first = list_collections(small, limit=1, sort="name")
    delete_collection(small, first.items[0].id)

    rest = list_collections(small, after=first.next, sort="name", search="W")

    assert [each.name for each in rest.items] == ["Two"]


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"sort": "age"}, "sort by id or name"),
        ({"sort": "name", "after": "one"}, "give one of a page by name"),
        ({"after": "one\tOne"}, "give one of a page by id"),
    ],
)
def test_an_unknown_order_and_a_cursor_of_another_are_invalid(
    small: Connection, given: dict[str, str], complaint: str
) -> None:
    with pytest.raises(InvalidValue, match=complaint):
        list_collections(small, **given)  # type: ignore[arg-type]


def test_a_full_page_without_further_rows_has_no_cursor(small: Connection) -> None:
    assert list_collections(small, limit=2).next is None


def test_a_cursor_whose_row_was_deleted_still_works(small: Connection) -> None:
    first = list_collections(small, limit=1)
    assert first.next is not None
    delete_collection(small, first.next)

    assert [each.id for each in list_collections(small, after=first.next).items] == ["two"]


@pytest.mark.parametrize("limit", [0, -1, -(2**63), 2**31 - 1 + 1, 2**63, 10**30])
def test_a_page_size_out_of_range_is_an_invalid_value(small: Connection, limit: int) -> None:
    with pytest.raises(InvalidValue, match="page of"):
        list_collections(small, limit=limit)


def test_the_largest_page_holds_everything(small: Connection) -> None:
    assert len(list_collections(small, limit=2**31 - 1).items) == 2


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("data", ["Data_100%"]),
        ("_1", ["Data_100%"]),
        ("%", ["Data_100%"]),
        ("ÜBUNG", ["ÜBUNG"]),
        ("' or 1=1 --", []),
        ("", ["Data_100%", "ÜBUNG"]),
    ],
)
def test_a_search_takes_wildcards_literally(
    conn: Connection, search: str, found: list[str]
) -> None:
    for number, name in enumerate(("Data_100%", "ÜBUNG")):
        create_collection(conn, id=str(number), name=name)

    assert [each.name for each in list_collections(conn, search=search).items] == found
