"""Lists as CSV, and the negotiation of the media type."""

import csv
import io
import json

import httpx
import pytest
from psycopg import Connection

from skillmeat.api.media_types import get_quality
from tests.api.serving import RunningServer

pytestmark = pytest.mark.usefixtures("artifacts")

HOSTILE = {
    "=1+1": "'=1+1",
    "+1": "'+1",
    "-1": "'-1",
    "@sum": "'@sum",
    "＝1": "'＝1",  # noqa: RUF001
    'q"uo,te': 'q"uo,te',
    "line\r\nbreak": "line\r\nbreak",
    "\ttab": "'\ttab",
    "Zoë ✓": "Zoë ✓",
    "": "",
    "'quoted": "'quoted",
}


def dump(value: object) -> str:
    """Return a value that is no text as JSON."""
    return json.dumps(value, ensure_ascii=False)


def rows_of(answer: httpx.Response) -> list[dict[str, str]]:
    """Parse the body as RFC 4180 says."""
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8; header=present"
    assert answer.content.endswith(b"\r\n")
    return list(csv.DictReader(io.StringIO(answer.text, newline=""), strict=True))


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/artifacts?limit=3", "items"),
        ("/user-collections?limit=3", "items"),
        ("/user-collections/{collection}/artifacts?include_groups=true", "items"),
        ("/groups?collection_id={collection}", "groups"),
        ("/tags", "items"),
        ("/tags/search?q=a", None),
        ("/artifacts/agent:a/tags", None),
        ("/artifacts/agent:a/history", "timeline"),
        ("/composites?collection_id={collection}", "items"),
    ],
)
def test_every_list_has_the_same_values_as_csv(
    client: httpx.Client, shared_conn: Connection, collection: str, path: str, key: str | None
) -> None:
    shared_conn.execute(
        "insert into artifact_versions (artifact_id, content_hash) values ('agent:a', %s)",
        [collection],
    )
    tag = client.post("/tags", json={"name": f"a {collection}"}).json()["id"]
    client.post(f"/artifacts/agent:a/tags/{tag}")
    client.post("/groups", json={"collection_id": collection, "name": "G"})
    where = path.format(collection=collection)

    document = client.get(where).json()
    rows = rows_of(client.get(where, headers={"Accept": "text/csv"}))

    items = document if key is None else document[key]
    assert len(rows) == len(items)
    assert bool(items) or "composites" in path
    for row, item in zip(rows, items, strict=True):
        for column, text in row.items():
            value = item
            for name in column.split("."):
                value = value[name]
            assert text == (value or "" if value is None or isinstance(value, str) else dump(value))


def test_an_empty_list_has_one_header_line(client: httpx.Client) -> None:
    answer = client.get("/tags/search?q=nothing like it", headers={"Accept": "text/csv"})

    assert answer.text == "id,name,slug,color,created_at,updated_at,artifact_count\r\n"


def test_no_cell_is_a_formula_and_every_other_text_is_itself(
    client: httpx.Client, shared_conn: Connection
) -> None:
    for number, text in enumerate(HOSTILE):
        shared_conn.execute(
            "insert into artifacts (type, name, description) values ('theme', %s, %s)",
            [f"n{number:02}", text],
        )

    answer = client.get("/artifacts?artifact_type=theme", headers={"Accept": "text/csv"})

    found = [row["metadata.description"] for row in rows_of(answer)]
    assert found == list(HOSTILE.values())


def test_a_client_follows_the_links_to_every_page(client: httpx.Client) -> None:
    whole = client.get("/artifacts?artifact_type=agent,skill&limit=500").json()["items"]

    found, where = [], "/artifacts?after=&limit=2&artifact_type=agent,skill"
    while where:
        answer = client.get(where, headers={"Accept": "text/csv"})
        found += [row["id"] for row in rows_of(answer)]
        assert answer.headers["X-Total-Count"] == str(len(whole))
        link = answer.links.get("next")
        where = f"/artifacts{link['url']}" if link else ""

    assert found == [each["id"] for each in whole]
    assert "prev" in answer.links


def test_each_media_type_has_its_own_tag(client: httpx.Client) -> None:
    tag = client.get("/tags").headers["ETag"]

    answer = client.get("/tags", headers={"Accept": "text/csv", "If-None-Match": tag})

    assert answer.status_code == 200
    assert "Accept" in answer.headers["Vary"].split(", ")


@pytest.mark.parametrize(
    ("path", "accept", "expected"),
    [
        ("/tags", "", "application/json"),
        ("/tags", "*/*", "application/json"),
        ("/tags", "text/html,application/xml;q=0.9,*/*;q=0.8", "application/json"),
        ("/tags", "text/csv;q=0.4, application/json;q=0.5", "application/json"),
        ("/tags", "TEXT/CSV, */*;q=0.1", "text/csv"),
        ("/tags", "text/*", "text/csv"),
        ("/tags", "application/xml", None),
        ("/tags", "text/csv;q=0, application/json;q=0", None),
        ("/artifacts/agent:a", "text/csv", None),
        ("/artifacts/agent:a", "application/*", "application/json"),
    ],
)
def test_accept_chooses_the_media_type(
    client: httpx.Client, path: str, accept: str, expected: str | None
) -> None:
    answer = client.get(path, headers={"Accept": accept})

    if expected is None:
        assert (answer.status_code, "ETag" in answer.headers) == (406, False)
        assert "change Accept" in answer.json()["detail"]
    else:
        assert answer.headers["Content-Type"].split(";")[0] == expected


def test_accept_may_be_sent_as_several_headers(server: RunningServer) -> None:
    accept = [("Accept", "text/html"), ("Accept", "text/csv")]

    answer = httpx.get(f"{server.address}/api/v1/tags", headers=accept)

    assert (answer.status_code, answer.headers["Content-Type"][:8]) == (200, "text/csv")


def test_an_invalid_quality_is_none() -> None:
    assert get_quality("text/csv;q=high", "text/csv") == 0
