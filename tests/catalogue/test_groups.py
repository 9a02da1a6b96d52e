import pytest
from psycopg import Connection

from skillmeat.catalogue import (
    AddResult,
    add_artifacts,
    add_to_group,
    copy_group,
    create_group,
    delete_collection,
    delete_group,
    edit_group,
    get_collection,
    get_group,
    list_groups,
    move_in_group,
    order_groups,
    remove_from_group,
)
from skillmeat.errors import (
    Duplicate,
    InvalidValue,
    UnknownArtifact,
    UnknownCollection,
    UnknownGroup,
    UnknownKey,
)
from skillmeat.maintenance import list_count_drift
from tests.catalogue.conftest import ARTIFACTS
from tests.catalogue.hostile import ILLEGAL_NAMES, LEGAL_NAMES, UNSTORABLE


@pytest.fixture
def members(small: Connection) -> Connection:
    add_artifacts(small, "one", ARTIFACTS)
    create_group(small, "one", id="g", name="G")
    return small


def order(conn: Connection, group_id: str) -> list[str]:
    rows = conn.execute(
        "select artifact_id from group_artifacts where group_id = %s order by position",
        (group_id,),
    )
    return [row[0] for row in rows]


def positions(conn: Connection, group_id: str) -> dict[str, int]:
    rows = conn.execute(
        "select artifact_id, position from group_artifacts where group_id = %s", (group_id,)
    )
    return {row[0]: row[1] for row in rows}


def test_groups_are_ordered_by_creation(small: Connection) -> None:
    made = [create_group(small, "one", name=name) for name in ("c", "a", "b")]
    first = create_group(small, "one", id="0", name="first", position=0)

    assert [each.position for each in made] == [0, 1, 2]
    assert [each.name for each in list_groups(small, "one")] == ["first", "c", "a", "b"]
    assert get_group(small, first.id) == first
    assert list_groups(small, "two") == list_groups(small, "nowhere") == ()
    assert create_group(small, "two", name="c").position == 0


def test_groups_are_moved_all_or_none_and_only_in_their_collection(members: Connection) -> None:
    for collection, name in (("one", "h"), ("one", "i"), ("two", "other")):
        create_group(members, collection, id=name, name=name)

    order_groups(members, "one", ["i", "g", "i", "h"])
    for group in ("other", "no"):
        with pytest.raises(UnknownGroup, match=f"group '{group}' in the collection"):
            order_groups(members, "one", ["h", group])
    with pytest.raises(UnknownCollection):
        order_groups(members, "nowhere", ["h"])

    assert [each.id for each in list_groups(members, "one")] == ["i", "g", "h"]


def test_a_new_group_is_empty_and_counted(small: Connection) -> None:
    made = create_group(small, "one", name="G", description="d", color="red", icon="star")

    assert (made.description, made.color, made.icon) == ("d", "red", "star")
    assert made.artifact_count == 0
    found = get_collection(small, "one")
    assert found is not None
    assert found.group_count == 1


@pytest.mark.parametrize("name", LEGAL_NAMES)
def test_any_legal_name_is_read_as_it_was_given(small: Connection, name: str) -> None:
    made = create_group(small, "one", id=name, name=name)

    assert (made.id, made.name) == (name, name)
    assert get_group(small, name) == made


@pytest.mark.parametrize("name", ILLEGAL_NAMES)
def test_an_illegal_name_is_an_invalid_value(members: Connection, name: str) -> None:
    with pytest.raises(InvalidValue):
        create_group(members, "one", name=name)
    with pytest.raises(InvalidValue):
        edit_group(members, "g", name=name)

    assert [each.name for each in list_groups(members, "one")] == ["G"]


@pytest.mark.parametrize("position", [-1, 2**31, 2**63])
def test_a_position_out_of_range_is_an_invalid_value(members: Connection, position: int) -> None:
    with pytest.raises(InvalidValue):
        create_group(members, "one", name="x", position=position)
    with pytest.raises(InvalidValue):
        edit_group(members, "g", position=position)


def test_a_group_name_is_unique_only_in_its_collection(members: Connection) -> None:
    with pytest.raises(Duplicate) as refused:
        create_group(members, "one", name="G")

    assert refused.value.constraint == "groups_name_is_unique_in_its_collection"
    assert create_group(members, "two", name="G").collection_id == "two"


def test_an_unknown_artifact_with_the_id_of_the_group_is_an_unknown_artifact(
    members: Connection,
) -> None:
    create_group(members, "one", id="skill:twin", name="Twin")

    with pytest.raises(UnknownKey) as refused:
        add_to_group(members, "skill:twin", ["skill:twin"])

    assert type(refused.value) is UnknownArtifact
    with pytest.raises(UnknownKey) as refused:
        move_in_group(members, "skill:twin", {"skill:twin": 0})

    assert type(refused.value) is UnknownArtifact
    delete_group(members, "skill:twin")
    with pytest.raises(UnknownKey) as refused:
        add_to_group(members, "skill:twin", ["skill:twin"])

    assert type(refused.value) is UnknownGroup


def test_the_error_names_an_unknown_collection_or_group(members: Connection) -> None:
    with pytest.raises(UnknownCollection, match="collection 'nowhere'"):
        create_group(members, "nowhere", name="x")
    with pytest.raises(UnknownGroup, match="group 'no'"):
        edit_group(members, "no", name="x")
    with pytest.raises(UnknownGroup, match="group 'no'") as refused:
        add_to_group(members, "no", ["skill:pdf"])

    assert refused.value.unknown == ("no",)
    assert get_group(members, "no") is None
    assert not delete_group(members, "no")
    assert remove_from_group(members, "no", ["skill:pdf"]) == 0


@pytest.mark.parametrize("text", UNSTORABLE)
def test_text_that_cannot_be_stored_is_an_invalid_value(members: Connection, text: str) -> None:
    for refused in (
        lambda: create_group(members, text, name="x"),
        lambda: create_group(members, "one", name="x", description=text),
        lambda: edit_group(members, "g", description=text),
        lambda: edit_group(members, text, name="x"),
        lambda: add_to_group(members, "g", [text]),
        lambda: add_to_group(members, text, []),
        lambda: remove_from_group(members, "g", [text]),
        lambda: get_group(members, text),
        lambda: list_groups(members, text),
        lambda: delete_group(members, text),
    ):
        with pytest.raises(InvalidValue):
            refused()


def test_an_edit_changes_only_the_given_columns_and_keeps_the_count(members: Connection) -> None:
    with members.transaction():
        add_to_group(members, "g", ARTIFACTS[:2])
        edited = edit_group(members, "g", name="H", position=7)

    assert (edited.name, edited.position, edited.color) == ("H", 7, "slate")
    assert edited.artifact_count == 2
    assert get_group(members, "g") == edited
    with pytest.raises(TypeError):
        edit_group(members, "g")


def test_new_artifacts_are_appended_in_the_given_order(members: Connection) -> None:
    assert add_to_group(members, "g", ["skill:sql", "agent:reviewer"]) == AddResult(2, 0, 2)
    assert add_to_group(members, "g", ["skill:pdf", "skill:sql", "skill:pdf"]) == AddResult(1, 1, 3)
    assert add_to_group(members, "g", ["skill:pdf"]) == AddResult(0, 1, 3)

    assert order(members, "g") == ["skill:sql", "agent:reviewer", "skill:pdf"]


def test_artifacts_move_down_and_up_for_others_of_their_group_only(members: Connection) -> None:
    create_group(members, "one", id="h", name="H")
    for group in ("g", "h"):
        add_to_group(members, group, ["skill:sql", "agent:reviewer"])

    add_to_group(members, "g", ["skill:pdf", "command:commit", "skill:pdf"], position=1)
    with pytest.raises(UnknownArtifact):
        add_to_group(members, "g", ["skill:no"], position=0)
    with pytest.raises(UnknownArtifact):
        move_in_group(members, "g", {"skill:pdf": 9, "skill:no": 0})
    added = positions(members, "g")
    remove_from_group(members, "g", ["skill:sql", "command:commit"])

    assert added == {"skill:sql": 0, "skill:pdf": 1, "command:commit": 2, "agent:reviewer": 3}
    assert positions(members, "g") == {"skill:pdf": 0, "agent:reviewer": 1}
    assert positions(members, "h") == {"skill:sql": 0, "agent:reviewer": 1}


def test_the_error_names_artifacts_of_another_collection_and_none_is_added(
    members: Connection,
) -> None:
    create_group(members, "two", id="h", name="H")
    add_artifacts(members, "two", ["skill:pdf"])

    with pytest.raises(
        UnknownArtifact, match="'skill:no', 'skill:sql' in the group's coll"
    ) as refused:
        add_to_group(members, "h", ["skill:pdf", "skill:sql", "skill:no"])

    assert refused.value.unknown == ("skill:no", "skill:sql")
    assert order(members, "h") == []


def test_a_copy_has_the_artifacts_in_order_and_they_join_the_collection(
    members: Connection,
) -> None:
    group = create_group(members, "one", name="x" * 255, color="blue", tags=["t"])
    add_to_group(members, group.id, ["skill:sql", "agent:reviewer"])
    add_artifacts(members, "two", ["skill:sql"])
    create_group(members, "two", name="before")

    copied = get_group(members, copy_group(members, group.id, to_collection="two"))

    assert copied is not None
    assert copied.name == "x" * 248 + " (Copy)"
    assert (copied.collection_id, copied.color, copied.tags) == ("two", "blue", ["t"])
    assert copied.position == 1
    assert order(members, copied.id) == ["skill:sql", "agent:reviewer"]
    assert copied.artifact_count == 2
    assert list_count_drift(members) == ()
    with pytest.raises(Duplicate):
        copy_group(members, group.id, to_collection="two")
    with pytest.raises(UnknownGroup):
        copy_group(members, "two", to_collection="two")
    with pytest.raises(UnknownCollection):
        copy_group(members, group.id, to_collection=group.id)


@pytest.mark.parametrize(
    ("removed", "left"), [([0], [(1, 0), (2, 1)]), ([0, 1], [(2, 0)]), ([1, 2], [(0, 0)])]
)
def test_a_removal_keeps_the_order_of_artifacts_that_share_a_position(
    members: Connection, removed: list[int], left: list[tuple[int, int]]
) -> None:
    shared = sorted(ARTIFACTS[:3], reverse=True)
    add_to_group(members, "g", shared)
    move_in_group(members, "g", dict(zip(shared, (0, 0, 1), strict=True)))

    remove_from_group(members, "g", [shared[at] for at in removed])

    found = members.execute("select artifact_id, position from group_artifacts order by position")
    assert found.fetchall() == [(shared[at], position) for at, position in left]


def test_an_artifact_that_leaves_a_group_stays_in_the_collection(members: Connection) -> None:
    add_to_group(members, "g", ARTIFACTS)

    assert remove_from_group(members, "g", ["skill:pdf", "skill:no"]) == 1
    assert remove_from_group(members, "g", ["skill:pdf"]) == 0
    found = get_collection(members, "one")
    assert found is not None
    assert found.artifact_count == 4


def test_a_delete_returns_whether_the_group_existed(
    members: Connection,
) -> None:
    create_group(members, "one", id="h", name="H")

    assert delete_group(members, "g")
    assert not delete_group(members, "g")
    assert delete_collection(members, "one")
    assert get_group(members, "h") is None
