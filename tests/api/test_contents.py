"""`/artifacts/{id}/content`: the text of a version, and why there is none."""

import httpx
import pytest
from psycopg import Connection

ADD = """
with version as (
    insert into artifact_versions (artifact_id, content_hash, version, created_at)
    values ('skill:a/b', %(hash)s, %(version)s, %(created_at)s)
)

insert into artifact_contents (content_hash, content) values (%(hash)s, %(content)s)
"""
OLD = "0" * 64
NEW = "f" * 64


@pytest.fixture(scope="module", autouse=True)
def versions(shared_conn: Connection) -> None:
    """Add an artifact with two texts, and a version between them without one."""
    shared_conn.execute(
        "insert into artifacts (type, name) values ('skill', 'a/b'), ('skill', 'c')"
    )
    for key, version, day, text in ((OLD, "1.0", 1, "old\n"), (NEW, "2.0", 3, "n\u00e9w <b>\n")):
        created_at = f"2026-01-0{day} 00:00:00.5+00"
        row = {"hash": key, "version": version, "created_at": created_at, "content": text}
        shared_conn.execute(ADD, row)
    shared_conn.execute(
        "insert into artifact_versions (artifact_id, content_hash, version, created_at)"
        " values ('skill:a/b', 'no text', '1.5', '2026-01-02')"
    )


@pytest.mark.parametrize(
    ("version", "expected"), [("", NEW), ("2.0", NEW), ("1.0", OLD), (OLD, OLD), (OLD[:8], OLD)]
)
def test_the_text_of_a_version_is_read_by_its_number_or_hash(
    client: httpx.Client, version: str, expected: str
) -> None:
    response = client.get("/artifacts/skill:a%2Fb/content", params={"version": version})
    assert response.status_code == 200, response.text
    assert response.json() == {
        "artifact_id": "skill:a/b",
        "content_hash": expected,
        "version": "1.0" if expected == OLD else "2.0",
        "created_at": f"2026-01-0{'1' if expected == OLD else '3'}T00:00:00.500000",
        "content": "old\n" if expected == OLD else "n\u00e9w <b>\n",
    }


@pytest.mark.parametrize(
    ("path", "detail"),
    [
        ("skill:none/content", "Artifact 'skill:none' not found"),
        ("skill:a%2Fb/content?version=9", "Artifact 'skill:a/b' has no version '9'"),
        (f"skill:a%2Fb/content?version={OLD[:7]}", "Artifact 'skill:a/b' has no version '0000000'"),
        (
            "skill:a%2Fb/content?version=1.5",
            "No text of artifact 'skill:a/b' is kept: import it again",
        ),
        ("skill:c/content", "No text of artifact 'skill:c' is kept: import it again"),
    ],
)
def test_a_missing_text_is_a_404_that_says_why(
    client: httpx.Client, path: str, detail: str
) -> None:
    response = client.get(f"/artifacts/{path}")
    assert (response.status_code, response.json()) == (404, {"detail": detail})
