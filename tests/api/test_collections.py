"""`/user-collections`: SkillMeat's HTTP contract."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from psycopg import Connection

from tests.catalogue.sessions import eventually

pytestmark = pytest.mark.usefixtures("artifacts")

# Within a transaction, pg_stat_activity shows no session that began after the first look.
BLOCKED = """
    select exists (
        select
        from pg_locks
        where not granted and pg_backend_pid() = any (pg_blocking_pids(pid))
    )
"""


def test_a_new_collection_is_empty(client: httpx.Client) -> None:
    answer = client.post("/user-collections", json={"name": "New", "description": "d"})

    assert (answer.status_code, answer.json()["artifact_count"], answer.json()["name"]) == (
        201,
        0,
        "New",
    )


def test_collections_are_paged_by_name_in_both_directions(client: httpx.Client) -> None:
    names = ["aaa 2", "Aaa 10", "ÀÀÀ 11", "aaa 100"]
    for name in reversed(names):
        client.post("/user-collections", json={"name": name})
    query = {"sort": "name", "search": "1", "limit": "1"}
    by_name = {"sort": "name", "limit": "2"}

    first = client.get("/user-collections", params=by_name).json()
    second = client.get(
        "/user-collections", params={**by_name, "after": first["page_info"]["end_cursor"]}
    ).json()
    back = client.get(
        "/user-collections", params={**by_name, "before": second["page_info"]["start_cursor"]}
    ).json()
    found = client.get("/user-collections", params=query).json()
    by_id = client.get("/user-collections", params={"after": found["page_info"]["end_cursor"]})

    listed = [each["name"] for page in (first, second) for each in page["items"]]
    assert (listed, back["items"]) == (names, first["items"])
    assert [each["name"] for each in found["items"]] == ["Aaa 10"]
    assert (by_id.status_code, "give one of a page by id" in by_id.text) == (422, True)


def test_a_duplicate_name_is_a_conflict(client: httpx.Client) -> None:
    client.post("/user-collections", json={"name": "Taken"})

    answer = client.post("/user-collections", json={"name": "Taken"})

    assert (answer.status_code, answer.json()) == (
        409,
        {"detail": "Collection with name 'Taken' already exists"},
    )


@pytest.mark.parametrize("name", ["", "   ", " a", "a\n", "x" * 256, "a\x00", None, 7])
def test_an_invalid_name_is_refused(client: httpx.Client, name: object) -> None:
    answer = client.post("/user-collections", json={"name": name})

    assert (answer.status_code, answer.json()["detail"][0]["loc"]) == (422, ["body", "name"])


def test_a_collection_shows_its_groups_by_position(client: httpx.Client, collection: str) -> None:
    for position, name in enumerate(("later", "sooner")):
        client.post(
            "/groups",
            json={"collection_id": collection, "name": name, "position": 1 - position},
        )

    groups = client.get(f"/user-collections/{collection}").json()["groups"]

    assert [(each["name"], each["position"]) for each in groups] == [("sooner", 0), ("later", 1)]


def test_an_edit_keeps_the_fields_that_are_not_given(client: httpx.Client) -> None:
    made = client.post("/user-collections", json={"name": "Edit", "description": "stays"}).json()

    edited = client.put(f"/user-collections/{made['id']}", json={"name": "Edited"}).json()

    assert (edited["name"], edited["description"]) == ("Edited", "stays")


def test_an_edit_without_fields_is_refused(client: httpx.Client, collection: str) -> None:
    answer = client.put(f"/user-collections/{collection}", json={})

    assert (answer.status_code, answer.json()) == (
        400,
        {"detail": "At least one update parameter must be provided"},
    )


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/user-collections/nope"),
        ("PUT", "/user-collections/nope"),
        ("DELETE", "/user-collections/nope"),
        ("GET", "/user-collections/nope/artifacts"),
        ("POST", "/user-collections/nope/artifacts"),
        ("DELETE", "/user-collections/nope/artifacts/agent:a"),
    ],
)
def test_an_unknown_collection_is_not_found(client: httpx.Client, method: str, path: str) -> None:
    body = {"name": "x"} if method == "PUT" else {"artifact_ids": ["agent:a"]}

    answer = client.request(method, path, json=body if method in ("PUT", "POST") else None)

    assert (answer.status_code, answer.json()) == (
        404,
        {"detail": "Collection 'nope' not found"},
    )


def test_a_deleted_collection_is_not_found(client: httpx.Client, collection: str) -> None:
    deleted = client.delete(f"/user-collections/{collection}")

    assert (deleted.status_code, client.get(f"/user-collections/{collection}").status_code) == (
        204,
        404,
    )


def test_adding_reports_new_members_and_earlier_members(
    client: httpx.Client, collection: str
) -> None:
    answer = client.post(
        f"/user-collections/{collection}/artifacts",
        json={"artifact_ids": ["agent:a", "agent:c", "agent:c"]},
    )

    assert (answer.status_code, answer.json()) == (
        201,
        {
            "collection_id": collection,
            "added_count": 1,
            "already_present_count": 1,
            "total_artifacts": 4,
        },
    )


def test_adding_a_member_again_returns_200(client: httpx.Client, collection: str) -> None:
    answer = client.post(
        f"/user-collections/{collection}/artifacts", json={"artifact_ids": ["agent:a"]}
    )

    assert (answer.status_code, answer.json()["added_count"]) == (200, 0)


def test_adding_an_unknown_artifact_names_it_and_adds_nothing(
    client: httpx.Client, collection: str
) -> None:
    answer = client.post(
        f"/user-collections/{collection}/artifacts",
        json={"artifact_ids": ["agent:c", "agent:nope"]},
    )

    found = client.get(f"/user-collections/{collection}").json()["artifact_count"]
    assert (answer.status_code, "agent:nope" in answer.json()["detail"], found) == (404, True, 3)


def test_an_unknown_artifact_with_the_id_of_the_collection_is_not_taken_for_it(
    client: httpx.Client, shared_conn: Connection
) -> None:
    shared_conn.execute("insert into collections (id, name) values ('skill:twin', 'Twin')")
    body = {"artifact_ids": ["skill:twin"]}

    details = [
        client.post(f"/user-collections/{collection}/artifacts", json=body).json()["detail"]
        for collection in ("skill:twin", "skill:no")
    ]

    assert details == ["there is no artifact 'skill:twin'", "Collection 'skill:no' not found"]


@pytest.mark.parametrize(
    ("delete", "detail"),
    [
        ("delete from artifacts where id = 'skill:gone'", "Key (artifact_id)=(skill:gone)"),
        ("delete from collections where id = 'gone'", "Collection 'gone' not found"),
    ],
    ids=["artifact", "collection"],
)
def test_adding_fails_if_another_session_deletes_the_artifact_or_the_collection(
    client: httpx.Client, shared_conn: Connection, delete: str, detail: str
) -> None:
    shared_conn.execute("insert into artifacts (type, name) values ('skill', 'gone')")
    shared_conn.execute("insert into collections (id, name) values ('gone', 'Gone')")
    path, body = "/user-collections/gone/artifacts", {"artifact_ids": ["skill:gone"]}

    with ThreadPoolExecutor(1) as pool:
        with shared_conn.transaction():
            shared_conn.execute(delete)
            waiting = pool.submit(client.post, path, json=body)
            eventually(lambda: shared_conn.execute(BLOCKED).fetchone() == (True,))
        answer = waiting.result()

    shared_conn.execute("delete from artifacts where id = 'skill:gone'")
    shared_conn.execute("delete from collections where id = 'gone'")
    assert (answer.status_code, detail in answer.json()["detail"]) == (404, True)


def test_removing_an_artifact_that_is_not_a_member_is_no_error(
    client: httpx.Client, collection: str
) -> None:
    path = f"/user-collections/{collection}/artifacts/skill:a"

    assert [client.delete(path).status_code, client.delete(path).status_code] == [204, 204]


def test_a_removed_artifact_is_not_counted(client: httpx.Client, collection: str) -> None:
    client.delete(f"/user-collections/{collection}/artifacts/skill%3Ac")

    page = client.get(f"/user-collections/{collection}/artifacts").json()
    counts = {
        its["artifact_count"]
        for item in page["items"]
        for its in item["collections"]
        if its["id"] == collection
    }
    assert (page["page_info"]["total_count"], counts) == (2, {2})


def test_a_page_lists_the_groups_of_each_artifact(client: httpx.Client, collection: str) -> None:
    group = client.post("/groups", json={"collection_id": collection, "name": "G"}).json()["id"]
    client.post(f"/groups/{group}/artifacts", json={"artifact_ids": ["skill:c"]})

    page = client.get(
        f"/user-collections/{collection}/artifacts?include_groups=true&group_id={group}"
    ).json()

    assert [item["groups"] for item in page["items"]] == [
        [{"id": group, "name": "G", "position": 0}]
    ]


def test_the_total_counts_only_artifacts_of_the_filtered_type(
    client: httpx.Client, collection: str
) -> None:
    page = client.get(f"/user-collections/{collection}/artifacts?artifact_type=agent").json()

    assert (page["page_info"]["total_count"], [item["id"] for item in page["items"]]) == (
        2,
        ["agent:a", "agent:b"],
    )


def test_an_id_may_contain_slashes_and_percent_signs(
    client: httpx.Client, shared_conn: Connection
) -> None:
    name = "100% a/b?c#d%2F ü"
    shared_conn.execute("insert into artifacts (type, name) values ('hook', %s)", [name])
    shared_conn.execute("insert into collections (id, name) values (%s, 'Odd')", [name])
    path = f"/user-collections/{httpx.QueryParams({'': name})!s}".replace("=", "", 1)
    path = path.replace("+", "%20")

    added = client.post(f"{path}/artifacts", json={"artifact_ids": [f"hook:{name}"]})
    removed = client.delete(f"{path}/artifacts/hook%3A{path.rpartition('/')[2]}")

    assert (added.status_code, removed.status_code, client.get(path).json()["artifact_count"]) == (
        201,
        204,
        0,
    )


def test_collections_are_listed_by_id_and_found_by_name(
    client: httpx.Client, shared_conn: Connection
) -> None:
    shared_conn.execute(
        "insert into collections (id, name, collection_type) values"
        " ('z2', 'Needle two', 'context'), ('z1', 'a NEEDLE', null), ('z3', 'needle 3', 'context')"
    )

    every = client.get("/user-collections?search=needle&limit=2").json()
    typed = client.get("/user-collections?search=needle&collection_type=context").json()

    assert (
        [item["id"] for item in every["items"]],
        every["page_info"]["total_count"],
        [item["id"] for item in typed["items"]],
    ) == (["z1", "z2"], 3, ["z2", "z3"])
