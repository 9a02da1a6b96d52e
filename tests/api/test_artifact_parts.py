"""`/artifacts/{id}`: change and delete an artifact; its tags, versions, links and composites."""

import json
from urllib.parse import quote
from uuid import uuid4

import httpx
import pytest
from psycopg import Connection

# The name has every character that a path must encode.
NAME = "read/me 100% of?it#now"


@pytest.fixture
def artifact(shared_conn: Connection) -> str:
    """Create an artifact; return its id."""
    row = shared_conn.execute(
        "insert into artifacts (type, name) values ('skill', %s) returning id",
        [f"{NAME} {uuid4().hex}"],
    ).fetchone()
    assert row is not None
    return str(row[0])


@pytest.fixture
def path(artifact: str) -> str:
    """Return the path of the artifact, as a browser's `encodeURIComponent` writes it."""
    return f"/artifacts/{quote(artifact, safe='')}"


def test_an_artifact_is_changed_as_skillmeats_clients_change_it(
    client: httpx.Client, path: str
) -> None:
    tag = f"Zero Downtime {uuid4().hex}"

    nested = client.put(
        path, json={"metadata": {"title": "T", "description": "D", "tags": ["x"]}, "tags": [tag]}
    )
    flat = client.put(path, json={"id": "ignored", "description": "E", "aliases": ["r"]})
    empty = client.put(path, json={"id": "ignored", "description": None})

    assert (nested.status_code, flat.status_code, empty.status_code) == (200, 200, 400)
    assert nested.json()["metadata"]["description"] == "D"
    assert flat.json() == client.get(path).json()
    assert flat.json()["tags"] == [tag]
    assert flat.json()["aliases"] == ["r"]
    assert flat.json()["metadata"]["title"] == "T"
    assert flat.json()["metadata"]["description"] == "E"


def test_the_parameters_of_an_artifact_are_changed(client: httpx.Client, path: str) -> None:
    given = {"source": "example/skills", "version": "v2", "tags": [], "scope": "user"}

    answer = client.put(f"{path}/parameters", json={"parameters": given})

    assert answer.json()["updated_fields"] == ["source", "version", "tags"]
    read = client.get(path).json()
    assert (read["source"], read["version"]) == ("example/skills", "v2")
    assert client.put(f"{path}/parameters", json={"parameters": {}}).status_code == 400


def test_tags_are_created_added_listed_and_removed(
    client: httpx.Client, path: str, artifact: str
) -> None:
    name = f"a/b {uuid4().hex}"
    tag = client.post("/tags", json={"name": name, "slug": uuid4().hex, "color": "#112233"})
    of_artifact = f"{path}/tags/{tag.json()['id']}"

    added, again = client.post(of_artifact), client.post(of_artifact)
    listed = client.get(f"{path}/tags").json()
    removed, missing = client.delete(of_artifact), client.delete(of_artifact)

    assert tag.status_code == 201
    assert (added.status_code, again.status_code) == (201, 200)
    assert listed == [{**tag.json(), "artifact_count": 1}]
    assert (removed.status_code, missing.status_code) == (204, 404)
    assert artifact in missing.json()["detail"]
    assert client.get(f"{path}/tags").json() == []
    replaced = client.put(f"{path}/tags", json={"tags": [name]})
    assert replaced.json()["tags"] == [name]


def test_a_tag_is_renamed_and_deleted(client: httpx.Client) -> None:
    first, second = (client.post("/tags", json={"name": uuid4().hex}).json() for _ in range(2))
    path = f"/tags/{first['id']}"

    renamed = client.put(path, json={"name": f"{first['name']} 2", "color": "#AABBCC"})
    taken = client.put(path, json={"name": second["name"]})

    assert renamed.json() == client.get(path).json()
    assert renamed.json()["slug"] == first["slug"]
    assert (taken.status_code, client.put(path, json={}).status_code) == (409, 400)
    assert second["name"] in taken.json()["detail"]
    assert client.post("/tags", json={"name": second["name"].upper()}).status_code == 409
    assert [client.delete(path).status_code for _ in range(2)] == [204, 404]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/artifacts/skill:no%2Fsuch/tags"),
        ("PUT", "/artifacts/skill:no%2Fsuch/tags"),
        ("POST", "/artifacts/skill:no%2Fsuch/tags/{tag}"),
        ("DELETE", "/artifacts/skill:no%2Fsuch/tags/{tag}"),
        ("PUT", "/artifacts/skill:no%2Fsuch/parameters"),
        ("PUT", "/artifacts/skill:no%2Fsuch"),
        ("DELETE", "/artifacts/skill:no%2Fsuch"),
        ("GET", "/artifacts/skill:no%2Fsuch/history"),
        ("GET", "/artifacts/skill:no%2Fsuch/linked-artifacts"),
    ],
)
def test_an_unknown_artifact_is_not_found(client: httpx.Client, method: str, path: str) -> None:
    tag = client.post("/tags", json={"name": uuid4().hex}).json()["id"]
    body = {"tags": ["never created"], "parameters": {"tags": ["never created"]}}

    answer = client.request(method, path.format(tag=tag), json=body)

    assert answer.status_code == 404
    assert "skill:no/such" in answer.json()["detail"]
    assert client.get("/tags/search", params={"q": "never created"}).json() == []


def test_an_unknown_tag_is_not_found(client: httpx.Client, path: str) -> None:
    answers = [
        client.post(f"{path}/tags/no%2Fsuch"),
        client.get("/tags/no%2Fsuch"),
        client.put("/tags/no%2Fsuch", json={"name": "x"}),
        client.delete("/tags/no%2Fsuch"),
    ]

    assert {(each.status_code, each.json()["detail"]) for each in answers} == {
        (404, "Tag 'no/such' not found")
    }


def test_deleting_an_artifact_lowers_the_counts(
    client: httpx.Client, path: str, artifact: str, collection: str
) -> None:
    client.post(f"/user-collections/{collection}/artifacts", json={"artifact_ids": [artifact]})
    before = client.get(f"/user-collections/{collection}").json()["artifact_count"]

    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404
    assert client.get(f"/user-collections/{collection}").json()["artifact_count"] == before - 1


def test_versions_are_events_of_a_timeline_the_newest_first(
    client: httpx.Client, path: str, artifact: str, shared_conn: Connection
) -> None:
    shared_conn.execute(
        "insert into artifact_versions"
        " (artifact_id, content_hash, version, change_origin, created_at, metadata) values"
        " (%(id)s, 'h1', '1.9', null, '2026-01-01 00:00Z', '{}'),"
        " (%(id)s, 'h2', '1.10', 'import', '2026-01-02 00:00:00.5Z', '{\"path\": \"p\"}')",
        {"id": artifact},
    )

    history = client.get(f"{path}/history?include_analytics=false&limit=300").json()
    newest, oldest = history["timeline"]

    assert (newest["content_sha"], newest["parent_sha"], newest["version"]) == ("h2", "h1", "1.10")
    assert newest["timestamp"] == "2026-01-02T00:00:00.500000"
    assert (newest["event_type"], newest["metadata"]) == ("import", {"path": "p"})
    assert (oldest["content_sha"], oldest["parent_sha"]) == ("h1", None)
    assert history["statistics"]["version_events"] == 2
    # The limit hides an event, not the version before the newest one.
    assert client.get(f"{path}/history?limit=1").json()["timeline"] == [newest]
    assert client.get(f"{path}/history?include_versions=false").json()["timeline"] == []


def test_links_are_those_of_the_metadata(
    client: httpx.Client, path: str, artifact: str, shared_conn: Connection
) -> None:
    links = {"linked_artifacts": [{"artifact_id": "skill:a"}], "unlinked_references": ["b"]}
    shared_conn.execute(
        "update artifacts set metadata = %s where id = %s", [json.dumps(links), artifact]
    )

    assert client.get(f"{path}/linked-artifacts").json() == {"artifact_id": artifact, **links}


def test_composites_are_the_artifacts_of_that_type_in_a_collection(
    client: httpx.Client, collection: str, shared_conn: Connection
) -> None:
    shared_conn.execute(
        "with made as ("
        "  insert into artifacts (type, name, title, metadata) values"
        "  ('composite', 'b', null, '{\"composite_type\": \"suite\"}'),"
        "  ('composite', 'a', 'All', '{\"composite_type\": \"other\"}') returning id"
        ") insert into collection_artifacts select %s, id from made",
        [collection],
    )

    found = client.get("/composites", params={"collection_id": collection}).json()

    shown = [(each["id"], each["display_name"], each["composite_type"]) for each in found["items"]]
    assert shown == [("composite:a", "All", "plugin"), ("composite:b", "b", "suite")]
    assert found["total"] == 2
    assert client.get("/composites/composite:b").json()["composite_type"] == "suite"
    assert client.get("/composites/composite:no").status_code == 404
    assert client.get("/composites?collection_id=no").json() == {"items": [], "total": 0}
    assert client.get("/composites").json()["total"] == 2
