"""`/artifacts/{id}/files`: the text that an import kept, as a file."""

from uuid import uuid4

import httpx
import pytest
from psycopg import Connection


@pytest.mark.parametrize(
    ("metadata", "name"),
    [('{"path": "plugins/x/pdf/GUIDE.md"}', "GUIDE.md"), ("{}", "SKILL.md")],
)
def test_the_text_of_the_newest_version_is_the_only_file(
    client: httpx.Client, shared_conn: Connection, metadata: str, name: str
) -> None:
    skill = uuid4().hex
    shared_conn.execute("insert into artifacts (type, name) values ('skill', %s)", [skill])
    shared_conn.execute(
        "insert into artifact_contents (content_hash, content) values (%s, 'old'), (%s, 'né<w>')",
        [f"old {skill}", f"new {skill}"],
    )
    shared_conn.execute(
        "insert into artifact_versions (artifact_id, content_hash, created_at, metadata) values"
        " (%(id)s, %(old)s, '2026-01-01', '{}'), (%(id)s, %(new)s, '2026-01-02', %(metadata)s)",
        {
            "id": f"skill:{skill}",
            "old": f"old {skill}",
            "new": f"new {skill}",
            "metadata": metadata,
        },
    )
    path = f"/artifacts/skill:{skill}/files"

    listed = client.get(path, params={"collection": "some"}).json()
    read = client.get(f"{path}/{name}").json()
    missing = client.get(f"{path}/other%2F{name}")

    (file,) = listed["files"]
    assert (file["path"], file["type"], file["size"]) == (name, "file", 6)
    assert listed["collection_name"] == "some"
    assert (read["content"], read["size"], read["mime_type"]) == ("né<w>", 6, "text/markdown")
    assert missing.status_code == 404
    assert missing.json()["detail"].endswith(f"has no file 'other/{name}'")


def test_an_artifact_without_text_has_no_files(client: httpx.Client, artifacts: list[str]) -> None:
    assert client.get(f"/artifacts/{artifacts[0]}/files").json()["files"] == []
    assert client.get(f"/artifacts/{artifacts[0]}/files/a.md").status_code == 404
    assert client.get("/artifacts/skill:no/files").status_code == 404
    assert client.get("/artifacts/skill:no/files/SKILL.md").status_code == 404
