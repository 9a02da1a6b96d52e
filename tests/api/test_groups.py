"""`/groups` and `/tags`."""

import base64

import httpx
import pytest
from psycopg import Connection

import skillmeat
from skillmeat.catalogue import add_to_group

pytestmark = pytest.mark.usefixtures("artifacts")


@pytest.fixture
def group(client: httpx.Client, collection: str) -> str:
    """Create a group with the three artifacts of its collection; return its id."""
    made = client.post("/groups", json={"collection_id": collection, "name": "G"}).json()
    client.post(
        f"/groups/{made['id']}/artifacts",
        json={"artifact_ids": ["skill:c", "agent:a", "agent:b"]},
    )
    return str(made["id"])


def list_positions(client: httpx.Client, group: str) -> list[tuple[str, int]]:
    """Return the artifacts of a group with their positions, in order."""
    listed = client.get(f"/groups/{group}").json()["artifacts"]
    return [(each["artifact_id"], each["position"]) for each in listed]


def test_a_new_group_has_the_default_fields(client: httpx.Client, collection: str) -> None:
    answer = client.post("/groups", json={"collection_id": collection, "name": "New"})

    made = answer.json()
    del made["id"], made["created_at"], made["updated_at"]
    assert (answer.status_code, made) == (
        201,
        {
            "collection_id": collection,
            "name": "New",
            "description": None,
            "tags": [],
            "color": "slate",
            "icon": "layers",
            "position": 0,
            "artifact_count": 0,
        },
    )


def test_groups_get_a_new_order_all_or_none(client: httpx.Client, collection: str) -> None:
    path = f"/user-collections/{collection}"
    ids = {
        name: client.post("/groups", json={"collection_id": collection, "name": name}).json()["id"]
        for name in ("a", "b", "c", "later")
    }
    client.put(f"/groups/{ids['later']}", json={"position": 9})

    def reorder(*wanted: str) -> httpx.Response:
        group_ids = [ids.get(name, name) for name in wanted]
        return client.put(f"{path}/reorder-groups", json={"group_ids": group_ids})

    answer = reorder("c", "a", "b", "a")
    refused = reorder("b", "no")
    unknown = client.put("/user-collections/no/reorder-groups", json={"group_ids": ["no"]})

    assert [each["name"] for each in answer.json()["groups"]] == ["c", "a", "b", "later"]
    assert (refused.status_code, "'no' in the collection" in refused.json()["detail"]) == (
        409,
        True,
    )
    assert client.get(path).json()["groups"] == answer.json()["groups"]
    assert unknown.status_code == 404


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, ["agent:a", "agent:b", "skill:c"]),
        ({"artifact_type": "agent"}, ["agent:a", "agent:b"]),
        ({"search": "c"}, ["skill:c"]),
        ({"search": "c", "collection": "its name"}, ["skill:c"]),
        ({"collection": "its name"}, ["agent:a", "agent:b", "skill:c"]),
        ({"collection": "another"}, []),
        ({"tags": "nowhere"}, []),
        ({"tools": "nothing"}, []),
    ],
)
def test_artifacts_of_a_group_are_filtered(
    client: httpx.Client, collection: str, group: str, filters: dict[str, str], found: list[str]
) -> None:
    second = client.post("/groups", json={"collection_id": collection, "name": "Second"}).json()
    client.post(f"/groups/{second['id']}/artifacts", json={"artifact_ids": ["skill:c"]})
    another = client.post("/user-collections", json={"name": group}).json()
    names = {
        "its name": client.get(f"/user-collections/{collection}").json()["name"],
        "another": another["id"],
    }
    query = {key: names.get(value, value) for key, value in filters.items()}

    page = client.get("/artifacts", params={"group_id": group, **query}).json()

    assert [each["id"] for each in page["items"]] == found
    assert page["page_info"]["total_count"] == len(found)


def test_artifacts_of_a_group_are_paged_by_position_in_both_directions(
    client: httpx.Client, group: str
) -> None:
    def read(**query: object) -> httpx.Response:
        wanted = {"group_id": group, "sort": "position", "limit": 2, **query}
        return client.get("/artifacts", params=wanted)  # type: ignore[arg-type]

    first = read().json()
    second = read(after=first["page_info"]["end_cursor"]).json()
    back = read(before=second["page_info"]["start_cursor"]).json()
    found = read(search="b c", artifact_type="agent").json()
    by_id = client.get("/artifacts", params={"after": first["page_info"]["end_cursor"]})
    without_group = client.get("/artifacts?sort=position")

    listed = [[each["id"] for each in page["items"]] for page in (first, second, back, found)]
    assert listed == [["skill:c", "agent:a"], ["agent:b"], ["skill:c", "agent:a"], []]
    assert second["page_info"]["total_count"] == 3
    assert (by_id.status_code, without_group.status_code) == (422, 422)
    assert "only a group has an order by position" in without_group.text


def test_artifacts_that_are_added_at_once_are_listed_by_id_where_they_share_a_position(
    client: httpx.Client, collection: str, shared_url: str
) -> None:
    group = client.post("/groups", json={"collection_id": collection, "name": "At once"}).json()[
        "id"
    ]
    with skillmeat.connect(shared_url) as one, skillmeat.connect(shared_url) as other:
        add_to_group(one, group, ["skill:c"])
        # It does not see the first one, and does not wait for it.
        add_to_group(other, group, ["agent:b", "agent:a"])
        other.commit()
        one.commit()

    pages = []
    for turn, end in (("after", "end_cursor"), ("before", "start_cursor")):
        query = {"group_id": group, "sort": "position", "limit": "1"}
        query |= {} if turn == "after" else {"before": base64.b64encode(b"9999999999#z").decode()}
        listed = []
        for _ in range(3):
            page = client.get("/artifacts", params=query).json()
            listed += [each["id"] for each in page["items"]]
            query[turn] = page["page_info"][end]
        pages.append(listed)

    assert list_positions(client, group) == [("agent:b", 0), ("skill:c", 0), ("agent:a", 1)]
    assert pages == [["agent:b", "skill:c", "agent:a"], ["agent:a", "skill:c", "agent:b"]]


def test_an_unknown_group_has_no_artifacts(client: httpx.Client, collection: str) -> None:
    paths = (
        "/artifacts?group_id=nope",
        f"/artifacts?group_id=nope&collection={collection}",
        f"/user-collections/{collection}/artifacts?group_id=nope",
    )

    pages = [client.get(path).json() for path in paths]

    assert [(each["items"], each["page_info"]["total_count"]) for each in pages] == [([], 0)] * 3


def test_artifacts_of_a_group_keep_the_order_in_which_they_were_added(
    client: httpx.Client, group: str
) -> None:
    assert list_positions(client, group) == [("skill:c", 0), ("agent:a", 1), ("agent:b", 2)]


def test_removing_an_artifact_moves_later_artifacts_up(client: httpx.Client, group: str) -> None:
    client.delete(f"/groups/{group}/artifacts/skill:c")

    assert list_positions(client, group) == [("agent:a", 0), ("agent:b", 1)]


def test_inserting_an_artifact_moves_later_artifacts_down(client: httpx.Client, group: str) -> None:
    client.delete(f"/groups/{group}/artifacts/skill:c")

    client.post(f"/groups/{group}/artifacts", json={"artifact_ids": ["skill:c"], "position": 1})

    assert list_positions(client, group) == [("agent:a", 0), ("skill:c", 1), ("agent:b", 2)]


@pytest.mark.parametrize(
    ("method", "path"),
    [("PUT", "reorder-artifacts"), ("POST", "reorder-artifacts"), ("POST", "artifacts/reorder")],
)
def test_artifacts_are_moved_by_uuid_or_by_id(
    client: httpx.Client, group: str, method: str, path: str
) -> None:
    uuid = client.get("/artifacts/skill:c").json()["uuid"]

    answer = client.request(
        method,
        f"/groups/{group}/{path}",
        json={
            "artifacts": [
                {"artifact_uuid": uuid, "position": 9},
                {"artifact_id": "agent:b", "position": 0},
            ]
        },
    )

    assert (answer.status_code, list_positions(client, group)) == (
        200,
        [("agent:b", 0), ("agent:a", 1), ("skill:c", 9)],
    )


def test_a_group_that_uses_the_greatest_position_refuses_more_at_its_end(
    client: httpx.Client, group: str
) -> None:
    move = {"artifacts": [{"artifact_id": "agent:b", "position": 2**31 - 1}]}
    client.delete(f"/groups/{group}/artifacts/skill:c")
    client.put(f"/groups/{group}/reorder-artifacts", json=move)

    answer = client.post(f"/groups/{group}/artifacts", json={"artifact_ids": ["skill:c"]})

    message = "integer out of range: use a smaller number; a position is at most 2147483647"
    assert (answer.status_code, answer.json()["detail"][0]["msg"]) == (422, message)


def test_nothing_moves_if_an_artifact_is_not_in_the_group(client: httpx.Client, group: str) -> None:
    moves = [
        {"artifact_id": "agent:b", "position": 7},
        {"artifact_id": "skill:a", "position": 8},
    ]

    answer = client.put(f"/groups/{group}/reorder-artifacts", json={"artifacts": moves})

    assert (answer.status_code, list_positions(client, group)[-1]) == (409, ("agent:b", 2))


def test_an_artifact_outside_the_collection_is_a_conflict(client: httpx.Client, group: str) -> None:
    answer = client.post(f"/groups/{group}/artifacts", json={"artifact_ids": ["skill:a"]})

    assert (answer.status_code, "skill:a" in answer.json()["detail"]) == (409, True)


def test_an_unknown_artifact_with_the_id_of_the_group_is_not_taken_for_it(
    client: httpx.Client, group: str
) -> None:
    move = {"artifacts": [{"artifact_id": group, "position": 0}]}

    answers = [
        client.post(f"/groups/{group}/artifacts", json={"artifact_ids": [group]}),
        client.put(f"/groups/{group}/reorder-artifacts", json=move),
    ]

    assert [(each.status_code, each.json()["detail"].split(" in ")[0]) for each in answers] == [
        (409, f"there is no artifact '{group}'")
    ] * 2


def test_removing_from_the_collection_removes_from_its_groups(
    client: httpx.Client, collection: str, group: str
) -> None:
    client.delete(f"/user-collections/{collection}/artifacts/agent:a")

    assert client.get(f"/groups/{group}").json()["artifact_count"] == 2


def test_a_group_name_is_unique_in_its_collection(client: httpx.Client, collection: str) -> None:
    body = {"collection_id": collection, "name": "Once"}

    answers = [client.post("/groups", json=body) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 409]


def test_an_edit_of_a_group_keeps_the_fields_that_are_not_given(
    client: httpx.Client, group: str
) -> None:
    answer = client.put(f"/groups/{group}", json={"tags": ["a", "b"], "color": "#22c55e"})

    edited = answer.json()
    assert (edited["tags"], edited["color"], edited["name"], edited["artifact_count"]) == (
        ["a", "b"],
        "#22c55e",
        "G",
        3,
    )


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"tags": ["Front-End", " new ", "new", ""]}, {"tags": ["front-end", "new"]}),
        ({"tags": None}, {"tags": []}),
        ({"color": "#22C55E"}, {"color": "#22c55e"}),
        ({"color": "#Fa0"}, {"color": "#ffaa00"}),
        ({"color": "#22c55eff"}, {"color": "#22c55e"}),
        ({"color": " Rose"}, {"color": "rose"}),
        ({"icon": "Book "}, {"icon": "book"}),
    ],
)
def test_tags_color_and_icon_are_normalized(
    client: httpx.Client, collection: str, given: dict[str, object], kept: dict[str, object]
) -> None:
    made = client.post("/groups", json={"collection_id": collection, "name": "Looks", **given})

    edited = client.put(f"/groups/{made.json()['id']}", json=given)

    shown = [{name: answer.json()[name] for name in kept} for answer in (made, edited)]
    assert shown == [kept, kept]


@pytest.mark.parametrize(
    "given",
    [
        {"tags": ["two words"]},
        {"tags": ["x" * 33]},
        {"tags": [f"t{number}" for number in range(21)]},
        {"color": "#1234"},
        {"color": "pink"},
        {"color": None, "icon": None},
        {"icon": "skull"},
    ],
)
def test_an_invalid_tag_color_or_icon_is_refused(
    client: httpx.Client, collection: str, given: dict[str, object]
) -> None:
    answer = client.post("/groups", json={"collection_id": collection, "name": "Odd", **given})

    assert answer.status_code == 422


def test_groups_are_filtered_by_name_and_artifact(
    client: httpx.Client, collection: str, group: str
) -> None:
    client.post("/groups", json={"collection_id": collection, "name": "Empty"})

    found = client.get(
        "/groups", params={"collection_id": collection, "artifact_id": "agent:a"}
    ).json()

    assert ([each["id"] for each in found["groups"]], found["total"]) == ([group], 1)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/groups", 422),
        ("GET", "/groups?collection_id=nope", 404),
        ("GET", "/groups/nope", 404),
        ("PUT", "/groups/nope", 404),
        ("DELETE", "/groups/nope", 404),
        ("POST", "/groups/nope/artifacts", 404),
        ("DELETE", "/groups/nope/artifacts/agent:a", 404),
        ("PUT", "/groups/nope/reorder-artifacts", 404),
    ],
)
def test_an_unknown_group_is_not_found(
    client: httpx.Client, method: str, path: str, status: int
) -> None:
    bodies: dict[str, object] = {
        "/groups/nope": {"name": "x"},
        "/groups/nope/artifacts": {"artifact_ids": ["agent:a"]},
        "/groups/nope/reorder-artifacts": {
            "artifacts": [{"artifact_id": "agent:a", "position": 0}]
        },
    }

    body = bodies.get(path) if method in ("PUT", "POST") else None
    assert client.request(method, path, json=body).status_code == status


def test_a_group_of_an_unknown_collection_is_not_created(client: httpx.Client) -> None:
    answer = client.post("/groups", json={"collection_id": "nope", "name": "G"})

    assert (answer.status_code, answer.json()) == (404, {"detail": "Collection 'nope' not found"})


def test_tags_are_listed_by_name_and_counted(client: httpx.Client, shared_conn: Connection) -> None:
    shared_conn.execute("insert into tags (name, slug) values ('b', 'b'), ('A Tag', 'a-tag')")
    shared_conn.execute(
        "insert into artifact_tags (artifact_id, tag_id)"
        " select 'agent:a', id from tags where name = 'b'"
    )

    page = client.get("/tags").json()
    found = client.get("/tags/search?q=TAG").json()

    assert (
        [(tag["name"], tag["artifact_count"]) for tag in page["items"]],
        page["page_info"]["total_count"],
        [tag["name"] for tag in found],
    ) == ([("A Tag", 0), ("b", 1)], 2, ["A Tag"])


def test_the_groups_of_an_artifact_are_those_of_all_its_collections(
    client: httpx.Client, shared_conn: Connection, collection: str
) -> None:
    shared_conn.execute(
        "insert into groups (collection_id, name, position)"
        " values (%(c)s, 'Second', 1), (%(c)s, 'First', 0), (%(c)s, 'Empty', 2)",
        {"c": collection},
    )
    shared_conn.execute(
        "insert into group_artifacts (collection_id, group_id, artifact_id)"
        " select collection_id, id, 'skill:c' from groups"
        " where collection_id = %s and name <> 'Empty'",
        [collection],
    )

    listed = client.get("/artifacts/skill%3Ac/groups").json()["groups"]
    found = [each for each in listed if each["collection_id"] == collection]

    assert [(each["name"], each["artifact_count"]) for each in found] == [
        ("First", 1),
        ("Second", 1),
    ]
    assert client.get("/artifacts/skill%3Az/groups").status_code == 404
