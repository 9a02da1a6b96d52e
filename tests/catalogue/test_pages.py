"""Pages in both directions equal the plain definition, in every state of the snapshot."""

import base64
import json
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from typing import Any

import pytest
from psycopg import Connection

import skillmeat
from skillmeat.api import queries
from skillmeat.catalogue import Artifact, Page, list_artifacts
from skillmeat.errors import UnknownArtifactType, UnknownCollection
from tests.catalogue.paging import STATES, backwards, expected, forwards
from tests.conftest import database

FILTERS: tuple[dict[str, Any], ...] = (
    {},
    {"type": "skill"},
    {"type": "workflow"},
    {"type": "nowhere"},
    {"collection": "default"},
    {"collection": "odd"},
    {"collection": "few"},
    {"collection": "empty"},
    {"collection": "nowhere"},
    {"tag": "often"},
    {"tag": "rare"},
    {"tag": "never"},
    {"tag": "nowhere"},
    {"type": "agent", "collection": "odd"},
    {"type": "agent", "tag": "rare"},
    {"collection": "odd", "tag": "rare"},
    {"type": "command", "collection": "odd", "tag": "rare"},
    {"search": "a1"},
    {"search": "t2 a"},
    {"search": "nowhere"},
    {"search": "a2", "type": "skill"},
    {"search": "a", "collection": "odd", "tag": "rare"},
    {"sort": "id", "search": "a1"},
    {"sort": "name"},
    {"sort": "updated"},
    {"sort": "name", "type": "agent"},
    {"sort": "name", "tag": "often"},
    {"sort": "name", "search": "a"},
    {"sort": "updated", "collection": "odd"},
    {"sort": "updated", "search": "a2", "collection": "odd", "type": "skill"},
)
FILTERED = pytest.mark.parametrize(
    "filters", FILTERS, ids=[",".join(map("=".join, each.items())) or "all" for each in FILTERS]
)
# The 30 artifacts and the lists of 15 and of 10 fill their last page; the other lists do not.
LIMIT = 5


@pytest.fixture(scope="module", params=STATES)
def state(request: pytest.FixtureRequest, server_url: str, template: str) -> Iterator[Connection]:
    """Yield a catalogue after the last write to it."""
    with (
        database(server_url, template=template) as url,
        skillmeat.connect(url, autocommit=True) as conn,
    ):
        conn.execute(STATES[request.param])
        # To plan a page takes longer than to read it.
        conn.prepare_threshold = 0
        conn.execute("set plan_cache_mode = force_generic_plan")
        yield conn
        conn.close()


def cursor_after_all(filters: dict[str, Any]) -> str:
    """Return a cursor that sorts after every row."""
    ends = {"id": "z", "name": "z:z", "updated": "-infinity|z", "rank": "-1:z"}
    return ends[filters.get("sort") or ("rank" if "search" in filters else "id")]


@FILTERED
def test_pages_in_both_directions_equal_the_plain_definition(
    state: Connection, filters: dict[str, Any]
) -> None:
    pages = partial(list_artifacts, state, limit=LIMIT, **filters)

    read = forwards(pages), backwards(pages, end=cursor_after_all(filters))

    assert read == (expected(state, **filters),) * 2


@FILTERED
def test_a_total_equals_the_rows_of_all_pages_and_is_given_where_a_counter_has_it(
    state: Connection, filters: dict[str, Any]
) -> None:
    is_counted = len(filters.keys() - {"sort"}) < 2 and "search" not in filters
    cursors: tuple[dict[str, Any], ...] = ({}, {"after": cursor_after_all(filters)})
    found = {list_artifacts(state, limit=LIMIT, **cursor, **filters).total for cursor in cursors}

    assert found == {len(expected(state, **filters)) if is_counted else None}


Summary = tuple[str, list[str], str | None, list[dict[str, object]]]


def summary(artifact: Artifact) -> Summary:
    """Return the fields that an artifact and an item of a JSON page share."""
    collections: list[dict[str, object]] = [asdict(each) for each in artifact.collections]
    return artifact.id, list(artifact.tags), artifact.version, collections


def read_document(conn: Connection, filters: dict[str, Any], **cursor: Any) -> Page[Summary]:  # noqa: ANN401
    """Read a page from the HTTP server's query, and return it as a Python page."""
    arguments: dict[str, Any] = {
        "types": [filters["type"]] if "type" in filters else [],
        "tags": [filters["tag"]] if "tag" in filters else [],
        "collection": filters.get("collection"),
        "search": filters.get("search"),
        "sort": filters.get("sort"),
    }
    document = json.loads(queries.list_artifacts(conn, limit=LIMIT, **arguments, **cursor))
    info = document["page_info"]
    start, end = (
        base64.b64decode(info[name] or "").decode() for name in ("start_cursor", "end_cursor")
    )
    return Page(
        tuple(
            (item["id"], item["tags"], item["metadata"]["version"], item["collections"])
            for item in document["items"]
        ),
        end if info["has_next_page"] else None,
        start if info["has_previous_page"] else None,
        info["total_count"],
    )


@FILTERED
def test_json_pages_in_both_directions_equal_the_plain_definition_and_its_total(
    state: Connection, filters: dict[str, Any]
) -> None:
    pages = partial(read_document, state, filters)
    if "nowhere" in (filters.get("type"), filters.get("collection")):
        with pytest.raises((UnknownArtifactType, UnknownCollection)):
            pages()
        return

    read = forwards(pages), backwards(pages, end=cursor_after_all(filters)), pages().total

    defined = [summary(each) for each in expected(state, **filters)]
    assert read == (defined, defined, len(defined))


@pytest.mark.parametrize(
    "filters",
    [
        {},
        {"type": "skill"},
        {"collection": "odd"},
        {"type": "agent", "tag": "rare"},
        {"search": "a"},
        {"sort": "updated", "search": "a"},
    ],
    ids=lambda filters: ",".join(filters) or "all",
)
def test_the_previous_cursor_gives_the_page_before(
    state: Connection, filters: dict[str, Any]
) -> None:
    pages = partial(list_artifacts, state, limit=1, **filters)
    first = pages()
    second = pages(after=first.next)

    back = pages(before=second.previous)

    assert (first.previous, back) == (None, first)
