"""The calls of SkillMeat's web client: method, path, body, and the fields that it reads.

The client is a Next.js application; its collection, artifact and group pages make these calls,
and its start page makes those of the last block. A field is a path into the answer: `items.*.id`
is the id of each item.
"""

from dataclasses import dataclass
from urllib.parse import quote
from uuid import uuid4

import httpx
import pytest
from psycopg import Connection

from skillmeat.api import ServerConfig
from tests.api.serving import run_server


@dataclass(frozen=True)
class Call:
    """A request of the client; `{...}` names a key of the fixture `keys`, encoded in the path."""

    method: str
    path: str
    fields: tuple[str, ...] = ()
    body: object = None


PAGE = ("page_info.has_next_page", "page_info.end_cursor", "page_info.total_count")
COLLECTION = ("id", "name", "description", "artifact_count", "created_at", "updated_at")
GROUP = (
    *("id", "collection_id", "name", "description", "tags", "color", "icon", "position"),
    *("artifact_count", "created_at", "updated_at"),
)
ARTIFACT = (
    *("id", "uuid", "name", "type", "source", "origin", "tags", "aliases", "added", "updated"),
    *("metadata.title", "metadata.description", "metadata.author", "metadata.license"),
    *("metadata.version", "metadata.tools", "target_platforms", "upstream", "deployments"),
    *("collections.*.id", "collections.*.name", "collections.*.artifact_count"),
)
MEMBER = (
    *("items.*.id", "items.*.name", "items.*.type", "items.*.version", "items.*.source"),
    *("items.*.description", "items.*.tags", "items.*.tools", "items.*.collections.*.name"),
)
TAG = ("id", "name", "slug", "color", "artifact_count")
FILES = ("artifact_id", "artifact_name", "artifact_type", "collection_name")

READS = (
    # The collection page.
    Call("GET", "/user-collections", (*(f"items.*.{each}" for each in COLLECTION), *PAGE)),
    Call("GET", "/user-collections/{collection}", (*COLLECTION, "groups.*.name")),
    Call("GET", "/user-collections/{collection}/artifacts?limit=20", (*MEMBER, *PAGE)),
    Call(
        "GET",
        "/user-collections/{collection}/artifacts?limit=20&artifact_type=skill&group_id={group}"
        "&include_groups=true",
        ("items.*.groups.*.id", "items.*.groups.*.name", "items.*.groups.*.position"),
    ),
    Call("GET", "/artifacts?limit=100", (*(f"items.*.{each}" for each in ARTIFACT), *PAGE)),
    Call("GET", "/artifacts?limit=20&search=x&status=synced&scope=user", PAGE),
    Call("GET", "/composites?collection_id={collection}", ("items", "total")),
    Call("GET", "/groups?collection_id={collection}", (*(f"groups.*.{g}" for g in GROUP), "total")),
    Call("GET", "/groups?collection_id={collection}&artifact_id={artifact}", ("groups.*.id",)),
    Call("GET", "/tags", (*(f"items.*.{each}" for each in TAG), *PAGE)),
    Call("GET", "/tags?limit=100", ("items.*.id",)),
    Call("GET", "/tags/search?q=a%20name&limit=10", tuple(f"*.{each}" for each in TAG)),
    # The page and the dialog of an artifact.
    Call("GET", "/artifacts/{artifact}", ARTIFACT),
    Call("GET", "/artifacts/{artifact}/tags", tuple(f"*.{each}" for each in TAG)),
    Call("GET", "/artifacts/{artifact}/files?collection={collection}", (*FILES, "files.*.path")),
    Call(
        "GET",
        "/artifacts/{artifact}/files/SKILL.md?collection={collection}",
        (*FILES, "path", "content", "size", "mime_type"),
    ),
    Call(
        "GET",
        "/artifacts/{artifact}/history?include_versions=true&include_analytics=true"
        "&include_deployments=true&limit=500",
        (
            *("artifact_name", "artifact_type", "last_updated", "statistics.total_events"),
            *("timeline.*.id", "timeline.*.timestamp", "timeline.*.event_category"),
            *("timeline.*.event_type", "timeline.*.source", "timeline.*.metadata"),
            *("timeline.*.content_sha", "timeline.*.parent_sha"),
        ),
    ),
    Call(
        "GET",
        "/artifacts/{artifact}/linked-artifacts?collection={collection}",
        ("linked_artifacts", "unlinked_references"),
    ),
    Call(
        "GET",
        "/artifacts/{artifact}/associations?collection={collection}",
        ("artifact_id", "parents", "children"),
    ),
    Call("GET", "/artifacts/{artifact}/similar?limit=10", ("artifact_id", "items", "total")),
    Call("GET", "/deploy", ("project_path", "deployments", "total")),
    # The group pages.
    Call("GET", "/groups/{group}", (*GROUP, "artifacts.*.artifact_id", "artifacts.*.position")),
    Call("GET", "/colors"),
    Call("GET", "/settings/icon-packs"),
    # Its start.
    Call("GET", "/config/feature-flags", ("composite_artifacts_enabled", "memory_context_enabled")),
    Call("GET", "/marketplace/sources?limit=50", ("items", *PAGE)),
    Call("GET", "/projects?limit=100", ("items", *PAGE)),
    Call(
        "GET",
        "/analytics/summary",
        (
            *("total_artifacts", "total_collections", "total_events", "last_activity"),
            "artifacts_by_type.skill",
        ),
    ),
    Call(
        "GET",
        "/analytics/enterprise-summary",
        (
            *("total_artifacts", "total_projects", "windows", "top_projects"),
            *("delivery.deployment_frequency_7d", "reliability.sync_success_rate_7d"),
            *("adoption.active_projects_30d", "history_summary.merge_events"),
        ),
    ),
    Call("GET", "/analytics/top-artifacts?limit=10", ("items", *PAGE)),
    Call("GET", "/analytics/trends?period=day&days=30", ("data_points",)),
    Call("GET", "/analytics/stream"),
)
WRITES = (
    Call("POST", "/user-collections", COLLECTION, {"name": "{new}", "description": "d"}),
    Call("PUT", "/user-collections/{collection}", COLLECTION, {"name": "{new}"}),
    Call("DELETE", "/user-collections/{collection}"),
    Call(
        "POST",
        "/user-collections/{collection}/artifacts",
        ("added_count", "already_present_count", "total_artifacts"),
        {"artifact_ids": ["{artifact}"]},
    ),
    Call("DELETE", "/user-collections/{collection}/artifacts/{artifact}"),
    Call(
        "POST",
        "/groups",
        GROUP,
        {
            "collection_id": "{collection}",
            "name": "{new}",
            "tags": [],
            "color": "slate",
            "icon": "layers",
            "position": 1,
        },
    ),
    Call("PUT", "/groups/{group}", GROUP, {"name": "{new}", "color": "#123456"}),
    Call("DELETE", "/groups/{group}"),
    Call("POST", "/groups/{group}/artifacts", GROUP, {"artifact_ids": ["{artifact}"]}),
    Call("DELETE", "/groups/{group}/artifacts/{artifact}"),
    Call(
        "POST",
        "/groups/{group}/artifacts/reorder",
        GROUP,
        {"artifacts": [{"artifact_id": "{artifact}", "position": 0}]},
    ),
    Call("POST", "/groups/{group}/copy", GROUP, {"target_collection_id": "{other}"}),
    Call("POST", "/tags", TAG, {"name": "{new}", "slug": "{new}", "color": "#123456"}),
    Call("PUT", "/tags/{tag}", TAG, {"name": "{new}"}),
    Call("DELETE", "/tags/{tag}"),
    Call("POST", "/artifacts/{artifact}/tags/{other_tag}"),
    Call("DELETE", "/artifacts/{artifact}/tags/{tag}"),
    Call("PUT", "/artifacts/{artifact}", ARTIFACT, {"tags": ["{new}"], "aliases": ["a"]}),
    Call(
        "PUT",
        "/artifacts/{artifact}/parameters",
        ("success", "updated_fields", "message"),
        {"parameters": {"source": "s", "version": "v", "scope": "user", "tags": ["{new}"]}},
    ),
    Call("DELETE", "/artifacts/{artifact}"),
)


@pytest.fixture
def keys(client: httpx.Client, shared_conn: Connection) -> dict[str, str]:
    """Create what a call names."""
    return create_named(client, shared_conn)


@pytest.fixture(scope="module")
def keys_to_read(client: httpx.Client, shared_conn: Connection) -> dict[str, str]:
    """Create what the calls that only read name."""
    return create_named(client, shared_conn)


def create_named(client: httpx.Client, shared_conn: Connection) -> dict[str, str]:
    """Create what the calls name; every name has a space, a slash and a percent sign."""
    unique = uuid4().hex
    name = f"a name/100% {unique}"

    def create(path: str, **body: object) -> str:
        answer = client.post(path, json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    artifact = f"skill:{name}"
    shared_conn.execute("insert into artifacts (type, name) values ('skill', %s)", [name])
    shared_conn.execute(
        "insert into artifact_contents (content_hash, content) values (%s, 'text')", [unique]
    )
    shared_conn.execute(
        "insert into artifact_versions (artifact_id, content_hash) values (%s, %s)",
        [artifact, unique],
    )
    collection = create("/user-collections", name=name)
    client.post(f"/user-collections/{collection}/artifacts", json={"artifact_ids": [artifact]})
    group = create("/groups", collection_id=collection, name=name)
    client.post(f"/groups/{group}/artifacts", json={"artifact_ids": [artifact]})
    tag = create("/tags", name=name)
    client.post(f"/artifacts/{quote(artifact, safe='')}/tags/{tag}")
    return {
        "artifact": artifact,
        "collection": collection,
        "other": create("/user-collections", name=f"{name} 2"),
        "group": group,
        "tag": tag,
        "other_tag": create("/tags", name=f"{name} 2"),
        "new": f"new {unique}",
    }


def fill(template: object, keys: dict[str, str]) -> object:
    match template:
        case str():
            return template.format_map(keys)
        case list():
            return [fill(each, keys) for each in template]
        case dict():
            return {key: fill(each, keys) for key, each in template.items()}
    return template


def has_field(document: object, path: str) -> bool:
    """Return whether the document has the field; a list must have an item that shows it."""
    name, _, rest = path.partition(".")
    if name == "*":
        parts = document if isinstance(document, list) else []
        return bool(parts) and all(not rest or has_field(part, rest) for part in parts)
    if not isinstance(document, dict) or name not in document:
        return False
    return not rest or has_field(document[name], rest)


def name_of(call: Call) -> str:
    return f"{call.method} {call.path}"


@pytest.mark.parametrize("call", READS, ids=name_of)
def test_a_read_of_the_web_client_gets_the_fields_that_it_shows(
    client: httpx.Client, keys_to_read: dict[str, str], call: Call
) -> None:
    assert find_missing_fields(client, keys_to_read, call) == []


@pytest.mark.parametrize("call", WRITES, ids=name_of)
def test_a_write_of_the_web_client_gets_the_fields_that_it_reads(
    client: httpx.Client, keys: dict[str, str], call: Call
) -> None:
    assert find_missing_fields(client, keys, call) == []


def find_missing_fields(client: httpx.Client, keys: dict[str, str], call: Call) -> list[str]:
    """Send the call; return the fields that its answer lacks."""
    encoded = {key: quote(value, safe="") for key, value in keys.items()}

    answer = client.request(call.method, call.path.format_map(encoded), json=fill(call.body, keys))

    assert answer.is_success, answer.text
    document = answer.json() if call.fields else None
    return [field for field in call.fields if not has_field(document, field)]


def test_a_server_lists_only_the_types_that_a_client_knows(
    shared_url: str, shared_conn: Connection, client: httpx.Client, keys: dict[str, str]
) -> None:
    theme = f"theme:{keys['new']}"
    shared_conn.execute("insert into artifacts (type, name) values ('theme', %s)", [keys["new"]])
    members = f"/user-collections/{keys['collection']}/artifacts"
    client.post(members, json={"artifact_ids": [theme]})
    config = ServerConfig(port=0, refresh=False, types=("skill", "agent"))

    with run_server(shared_url, config) as running, running.client() as limited:
        known = limited.get(members).json()
        named = limited.get(members, params={"artifact_type": "theme"}).json()
        listed = limited.get("/artifacts?limit=500").json()["items"]

    assert [each["id"] for each in known["items"]] == [keys["artifact"]]
    assert known["page_info"]["total_count"] == 1
    assert [each["id"] for each in named["items"]] == [theme]
    assert {each["type"] for each in listed} <= {"skill", "agent"}
    assert client.get(members).json()["page_info"]["total_count"] == 2
