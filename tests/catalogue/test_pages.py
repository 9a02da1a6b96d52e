"""Walked either way, in whatever state the snapshot is, pages hold what the definition says."""

import json
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from psycopg import Connection

import skillmeat
from skillmeat.catalogue.artifacts import (
    Artifact,
    CollectionCount,
    artifact_json,
    list_artifacts,
    list_artifacts_json,
)
from skillmeat.catalogue.pagination import Page
from tests.catalogue.paging import STATES, backwards, expected, forwards
from tests.conftest import database

FILTERS: tuple[dict[str, str], ...] = (
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
)
FILTERED = pytest.mark.parametrize(
    "filters", FILTERS, ids=[",".join(map("=".join, each.items())) or "all" for each in FILTERS]
)
LIMIT = 3


@pytest.fixture(scope="module", params=STATES)
def state(request: pytest.FixtureRequest, server_url: str, template: str) -> Iterator[Connection]:
    """A catalogue that nobody writes to any more."""
    with (
        database(server_url, template=template) as url,
        skillmeat.connect(url, autocommit=True) as conn,
    ):
        conn.execute(STATES[request.param])
        yield conn
        conn.close()


def beyond(filters: dict[str, str]) -> str:
    """A cursor after every row."""
    return "-1:z" if "search" in filters else "z"


def parsed(document: bytes) -> Page[Artifact]:
    read = json.loads(document)
    items = tuple(map(made, read.pop("items")))
    return Page(items, **read)


def made(item: dict[str, Any]) -> Artifact:
    return Artifact(
        **{
            **item,
            "tags": tuple(item["tags"]),
            "collections": tuple(CollectionCount(**each) for each in item["collections"]),
            "added_at": datetime.fromisoformat(item["added_at"]),
            "updated_at": datetime.fromisoformat(item["updated_at"]),
        }
    )


@FILTERED
def test_pages_read_forwards_or_backwards_are_the_definition(
    state: Connection, filters: dict[str, str]
) -> None:
    pages = partial(list_artifacts, state, limit=LIMIT, **filters)

    read = forwards(pages), backwards(pages, end=beyond(filters))

    assert read == (expected(state, **filters),) * 2


@FILTERED
def test_a_total_is_what_all_pages_have_and_is_known_where_a_counter_knows_it(
    state: Connection, filters: dict[str, str]
) -> None:
    is_counted = len(filters) < 2 and "search" not in filters
    found = {
        list_artifacts(state, limit=LIMIT, **cursor, **filters).total
        for cursor in ({}, {"after": "0:z" if "search" in filters else "z"})
    }

    assert found == {len(expected(state, **filters)) if is_counted else None}


@FILTERED
def test_a_document_is_the_page(state: Connection, filters: dict[str, str]) -> None:
    first = list_artifacts(state, limit=LIMIT, **filters)
    end = beyond(filters)
    cursors: list[dict[str, str]] = [
        {},
        {"after": first.next or end},
        {"after": end},
        {"before": end},
    ]

    read = [list_artifacts_json(state, limit=LIMIT, **each, **filters) for each in cursors]

    assert [parsed(each) for each in read] == [
        list_artifacts(state, limit=LIMIT, **each, **filters) for each in cursors
    ]


def test_a_document_has_the_columns_of_the_view(state: Connection) -> None:
    columns = [each.name for each in state.execute("table artifact_summaries").description or ()]

    (item,) = json.loads(list_artifacts_json(state, limit=1))["items"]

    assert list(item) == list(json.loads(artifact_json(state, item["id"]) or b"")) == columns


@pytest.mark.parametrize(
    "filters",
    [
        {},
        {"type": "skill"},
        {"collection": "odd"},
        {"type": "agent", "tag": "rare"},
        {"search": "a"},
    ],
    ids=lambda filters: ",".join(filters) or "all",
)
def test_a_cursor_leads_back_to_the_page_before(state: Connection, filters: dict[str, str]) -> None:
    pages = partial(list_artifacts, state, limit=1, **filters)
    first = pages()
    second = pages(after=first.next)

    back = pages(before=second.previous)

    assert (first.previous, back) == (None, first)
