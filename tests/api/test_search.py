"""`/artifacts?search=`: the best match first, with cursors in both directions."""

import base64

import httpx
import pytest
from psycopg import Connection

from skillmeat.catalogue import list_artifacts

# A name, a name that begins so, a word of a name, a part of a name, a tag, a description.
RANKED = (
    *("skill:docker", "agent:docker-a", "skill:run docker", "agent:mydocker", "skill:tagged"),
    *(f"agent:n{number:02}" for number in range(20)),
)


@pytest.fixture(scope="module", autouse=True)
def stored(shared_conn: Connection) -> None:
    """Add the artifacts, and some that match nothing."""
    conn = shared_conn
    conn.execute(
        "insert into artifacts (type, name, description)"
        " select split_part(id, ':', 1), split_part(id, ':', 2),"
        " case when id ~ ':n' then 'About docker.' end from unnest(%s::text[]) as id",
        [[*RANKED, "skill:other"]],
    )
    conn.execute("insert into tags (id, name, slug) values ('t', 'Docker', 'docker')")
    conn.execute("insert into artifact_tags (artifact_id, tag_id) values ('skill:tagged', 't')")
    conn.execute("insert into collections (id, name) values ('c', 'C')")
    conn.execute(
        "insert into collection_artifacts (collection_id, artifact_id)"
        " select 'c', id from unnest(%s::text[]) as id",
        [list(RANKED[3::2])],
    )


def read(client: httpx.Client, **parameters: str | int) -> tuple[list[str], dict[str, object]]:
    response = client.get("/artifacts", params={"search": "docker", "limit": 4, **parameters})
    assert response.status_code == 200, response.text
    page = response.json()
    return [item["id"] for item in page["items"]], page["page_info"]


@pytest.mark.parametrize(
    "filters", [{}, {"collection": "c"}, {"artifact_type": "agent,skill", "collection": "C"}]
)
def test_a_search_is_in_the_order_of_rank_forwards_and_backwards(
    client: httpx.Client, filters: dict[str, str]
) -> None:
    expected = list(RANKED[3::2] if filters else RANKED)
    pages = [read(client, **filters)]
    while pages[-1][1]["has_next_page"]:
        pages.append(read(client, after=str(pages[-1][1]["end_cursor"]), **filters))

    assert [each for ids, _ in pages for each in ids] == expected
    assert {info["total_count"] for _, info in pages} == {len(expected)}

    back = [pages[-1]]
    while back[-1][1]["has_previous_page"]:
        back.append(read(client, before=str(back[-1][1]["start_cursor"]), **filters))
    found = [each for ids, _ in reversed(back) for each in ids]
    assert found == expected
    first, last = pages[0][1], pages[2][1]
    between = read(
        client, after=str(first["end_cursor"]), before=str(last["start_cursor"]), **filters
    )
    assert between[0] == pages[1][0]


def test_a_cursor_is_the_one_of_the_thin_layer_and_outlives_its_artifact(
    client: httpx.Client, shared_conn: Connection
) -> None:
    shared_conn.execute("insert into artifacts (type, name) values ('agent', 'docker')")
    ids, info = read(client, limit=1)
    page = list_artifacts(shared_conn, search="docker", limit=1)
    shared_conn.execute("delete from artifacts where id = 'agent:docker'")

    assert ids == ["agent:docker"]
    assert base64.b64decode(str(info["end_cursor"])).decode() == page.next
    assert read(client, limit=1, after=str(info["end_cursor"]))[0] == ["skill:docker"]
