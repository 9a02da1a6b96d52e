"""`/user-collections/refresh-cache`: recorded folders are imported again on request."""

from pathlib import Path

import httpx
from psycopg import Connection

from skillmeat.api import ServerConfig
from skillmeat.importer import import_paths
from tests.api.serving import run_server
from tests.importer.markets import document, market


def test_a_request_imports_what_has_changed_in_recorded_folders(
    client: httpx.Client, shared_conn: Connection, tmp_path: Path
) -> None:
    first = {"agents/x.md": document("x")}
    empty = client.post("/user-collections", json={"name": "refreshed"}).json()["id"]
    unknown = client.post(f"/user-collections/{empty}/refresh-cache").json()
    import_paths(shared_conn, [market(tmp_path / "m", {"plugin": first})])
    market(tmp_path / "m", {"plugin": first | {"agents/y.md": document("y")}})

    one = client.post("/user-collections/plugin/refresh-cache")
    every = client.post("/user-collections/refresh-cache")

    assert "run `skillmeat import`" in unknown["errors"][0]
    assert one.json() == {
        "collection_id": "plugin",
        "updated_count": 1,
        "skipped_count": 1,
        "errors": [],
    }
    assert every.json()["success"]
    assert (every.json()["total_updated"], every.json()["total_skipped"]) == (0, 2)
    assert client.get("/user-collections/plugin").json()["artifact_count"] == 2
    assert client.post("/user-collections/no/refresh-cache").status_code == 404


def test_a_server_that_others_reach_imports_only_if_it_is_told_to(shared_url: str) -> None:
    public = ServerConfig(host="0.0.0.0", token="secret")  # noqa: S104, S106 - not listened on
    assert not public.may_import
    assert ServerConfig(host="0.0.0.0", import_sources=True).may_import  # noqa: S104

    config = ServerConfig(port=0, refresh=False, import_sources=False)
    with run_server(shared_url, config) as running, running.client() as refused:
        answer = refused.post("/user-collections/refresh-cache")

    assert answer.status_code == 403
    assert "--import-sources" in answer.json()["detail"]
