"""`If-Match`: an edit of a row that another client has edited since is refused."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import httpx
import pytest
from psycopg import Connection

import skillmeat
from skillmeat.api.entity_tags import parse_if_match
from tests.catalogue.sessions import eventually

pytestmark = pytest.mark.usefixtures("artifacts")

BLOCKED = "select count(*) from pg_stat_activity where cardinality(pg_blocking_pids(pid)) > 0"


@pytest.fixture(params=["artifacts", "groups", "tags", "user-collections"])
def row(
    request: pytest.FixtureRequest, client: httpx.Client, collection: str, shared_conn: Connection
) -> str:
    """Return the path of a row that may be edited and deleted."""
    if request.param == "user-collections":
        return f"/user-collections/{collection}"
    if request.param == "artifacts":
        shared_conn.execute("delete from artifacts where id = 'hook:mine'")
        shared_conn.execute("insert into artifacts (type, name) values ('hook', 'mine')")
        return "/artifacts/hook:mine"
    body = {"name": collection, "collection_id": collection}
    return f"/{request.param}/{client.post(f'/{request.param}', json=body).json()['id']}"


def edit(client: httpx.Client, row: str, text: str, tag: str) -> httpx.Response:
    """Edit a row on the condition of `If-Match`."""
    kind = row.split("/")[1]
    change = {"name": text + row} if kind == "tags" else {"description": text}
    return client.put(row, json=change, headers={"If-Match": tag})


def time_of(item: dict[str, str]) -> str:
    """Return the time of the last edit."""
    return item.get("updated_at", item.get("updated", ""))


def test_a_tag_names_a_time_in_utc() -> None:
    times = parse_if_match('"2026-01-02T03:04:05.678-0123456789abcdef"')

    assert times == [datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)]


def test_the_tag_and_the_time_of_a_row_allow_one_edit(client: httpx.Client, row: str) -> None:
    by_tag, by_time = (
        lambda answer: answer.headers["ETag"],
        lambda answer: f'"{time_of(answer.json())}"',
    )
    for text, get_tag in (("first", by_tag), ("second", by_time)):
        tag = get_tag(client.get(row))
        edited = edit(client, row, text, tag)
        stale = edit(client, row, "lost", tag)
        deleted = client.delete(row, headers={"If-Match": tag})

        assert (edited.status_code, text in edited.text) == (200, True)
        for refused in (stale, deleted):
            assert refused.status_code == 412
            assert refused.json()["current"] == edited.json()
            assert "was edited after you read it" in refused.json()["detail"]


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ("*", 204),
        ('"{time}"', 204),
        ('"x", "{time}-0123456789abcdef-gzip"', 204),
        (', "x",, "{time}",', 204),
        ('W/"{time}"', 412),
        ('"2001-01-01T00:00:00"', 412),
        ('"2001-99-01T00:00:00"', 412),
        ('"x"', 412),
        ('""', 412),
        ("{time}", 422),
        ("", 422),
        ('"{time}', 422),
    ],
)
def test_a_delete_needs_a_tag_of_the_current_row(
    client: httpx.Client, row: str, given: str, status: int
) -> None:
    time = time_of(client.get(row).json())

    answer = client.delete(row, headers={"If-Match": given.replace("{time}", time)})

    assert answer.status_code == status


def test_several_lines_of_tags_are_one_list(client: httpx.Client, row: str) -> None:
    time = time_of(client.get(row).json())

    def delete(*tags: str) -> int:
        return client.delete(row, headers=[("If-Match", each) for each in tags]).status_code

    answers = [delete('"x"', '"y"'), delete('"x"', time), delete("*", '"x"'), delete("", '"x"')]

    assert answers == [412, 422, 422, 412]
    assert delete('"x"', f'"{time}"') == 204


def test_an_unquoted_time_is_refused_in_plain_words(client: httpx.Client, row: str) -> None:
    answer = client.delete(row, headers={"If-Match": "2001-01-01T00:00:00"})

    assert answer.json()["detail"][0]["msg"] == (
        "If-Match must be *, or the ETag or the updated_at of the row in double quotes"
    )


def test_a_change_of_a_count_is_no_edit(client: httpx.Client, collection: str) -> None:
    path = f"/user-collections/{collection}"
    tag = client.get(path).headers["ETag"]
    client.post(f"{path}/artifacts", json={"artifact_ids": ["agent:c"]})

    answer = client.put(path, json={"description": "d"}, headers={"If-Match": tag})

    assert (answer.status_code, client.get(path).headers["ETag"] == tag) == (200, False)


def test_a_deleted_row_is_not_found_whatever_the_tag(client: httpx.Client, row: str) -> None:
    tag = client.get(row).headers["ETag"]
    client.delete(row)

    assert edit(client, row, "late", tag).status_code == 404


def test_of_two_concurrent_edits_of_one_version_the_second_is_refused(
    client: httpx.Client, shared_url: str, shared_conn: Connection, row: str
) -> None:
    tag = client.get(row).headers["ETag"]
    _, kind, id_ = row.split("/")
    table = {"user-collections": "collections"}.get(kind, kind)

    # Within a transaction, pg_stat_activity shows no session that began after the first look.
    with ThreadPoolExecutor(2) as pool, skillmeat.connect(shared_url, autocommit=True) as observer:
        with shared_conn.transaction():
            shared_conn.execute(f"select from {table} where id = %s for update", [id_])
            answers = [pool.submit(edit, client, row, text, tag) for text in ("one", "other")]
            eventually(lambda: observer.execute(BLOCKED).fetchone() == (2,))
        accepted, refused = sorted(
            (each.result() for each in answers), key=lambda answer: answer.status_code
        )

    assert (accepted.status_code, refused.status_code) == (200, 412)
    assert refused.json()["current"] == accepted.json()


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("", {"tags": ["late"], "description": "d"}),
        ("/tags", {"tags": ["late"]}),
        ("/parameters", {"parameters": {"tags": ["late"]}}),
    ],
)
def test_replacing_the_tags_of_an_artifact_is_an_edit(
    client: httpx.Client, shared_conn: Connection, path: str, body: dict[str, object]
) -> None:
    shared_conn.execute("insert into artifacts (type, name) values ('hook', %s)", [f"t{path}"])
    artifact = f"/artifacts/{f'hook:t{path}'.replace('/', '%2F')}"
    read = client.get(artifact).headers["ETag"]
    first = client.put(f"{artifact}/tags", json={"tags": ["a"]}, headers={"If-Match": read})
    same = client.put(f"{artifact}/tags", json={"tags": ["a"]})

    lost = client.put(artifact + path, json=body, headers={"If-Match": read})

    found = client.get(artifact).json()
    assert (first.status_code, lost.status_code, found["tags"]) == (200, 412, ["a"])
    assert lost.json()["current"] == found == same.json() == first.json()
