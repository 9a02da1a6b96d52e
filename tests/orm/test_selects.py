"""A page through SQLAlchemy is the page that the catalogue's functions list."""

from dataclasses import fields
from itertools import combinations
from typing import Any, assert_type

import pytest
from sqlalchemy import Select
from sqlalchemy.orm import Session

from skillmeat.catalogue import (
    Artifact,
    Collection,
    CollectionCount,
    list_artifacts,
    list_collections,
)
from skillmeat.errors import InvalidValue
from skillmeat.orm import (
    ArtifactSummary,
    CollectionSummary,
    CountedCollection,
    select_artifacts,
    select_collections,
)
from tests.orm.conftest import driver

GIVEN = {"type": "skill", "collection": "late", "tag": "walrus", "search": "walrus"}
FILTERS: list[dict[str, Any]] = [
    {name: GIVEN[name] for name in names}
    for many in range(len(GIVEN) + 1)
    for names in combinations(GIVEN, many)
]
NOTHING: list[dict[str, Any]] = [
    {"type": "workflow"},
    {"type": "skill:with"},
    {"type": ""},
    {"type": "%"},
    {"collection": "nowhere"},
    {"collection": "Late"},
    {"tag": "nowhere"},
    {"tag": "Rare"},
    {"search": "xyzzyx"},
    {"after": "~"},
    {"before": ""},
    {"collection": "007", "tag": "t7"},
]


def called(given: dict[str, object]) -> str:
    return ",".join(f"{name}={each}" for name, each in given.items()) or "all"


# Each filter is a condition of its own: backwards, one of them stands for more.
LISTS = [
    pytest.param(
        cursor,
        filters,
        id=f"{cursor}-{called(filters)}",
        marks=[pytest.mark.exhaustive] if cursor == "before" and len(filters) > 1 else [],
    )
    for cursor in ("after", "before")
    for filters in FILTERS
]


def as_listed(summary: ArtifactSummary) -> Artifact:
    values = {field.name: getattr(summary, field.name) for field in fields(Artifact)}
    assert isinstance(summary.tags, list)
    return Artifact(
        **values
        | {
            "metadata": summary.metadata_,
            "tags": tuple(summary.tags),
            "collections": tuple(CollectionCount(**each) for each in summary.collections),
        }
    )


@pytest.mark.parametrize(("cursor", "filters"), LISTS)
def test_every_page_equals_that_of_list_artifacts(
    reader: Session, cursor: str, filters: dict[str, Any]
) -> None:
    limit = 2 if len(filters) > 1 else 600 if not filters.keys() - {"type"} else 7
    start = {"before": ("0:~" if "search" in filters else "~")} if cursor == "before" else {}
    read: list[list[Artifact]] = []
    listed: list[list[Artifact]] = []

    cursors: dict[str, Any] | None = start
    while cursors is not None:
        page = list_artifacts(driver(reader), limit=limit, **filters, **cursors)
        found = reader.scalars(select_artifacts(limit=limit, **filters, **cursors)).all()
        listed.append(list(page.items))
        read.append([as_listed(each) for each in found])
        more = page.next if cursor == "after" else page.previous
        cursors = {cursor: found[-1 if cursor == "after" else 0].cursor} if more else None

    assert read == listed
    assert len(listed) > 1


@pytest.mark.parametrize("filters", NOTHING, ids=called)
def test_a_filter_without_matches_gives_an_empty_page(
    reader: Session, filters: dict[str, Any]
) -> None:
    assert reader.scalars(select_artifacts(limit=20, **filters)).all() == []


def test_a_cursor_works_after_its_row_was_deleted(reader: Session) -> None:
    found = reader.scalars(select_artifacts(limit=1, after="skill:1907", collection="default"))

    assert [each.id for each in found] == ["skill:1908"]


def test_added_conditions_filter_the_page(reader: Session) -> None:
    page = select_artifacts(limit=10, type="skill")

    found = reader.scalars(page.where(ArtifactSummary.title.is_not(None)))

    assert [each.id for each in found] == ["skill:0003", "skill:0006", "skill:0009", "skill:0012"]


def test_fewer_columns_may_be_read(reader: Session) -> None:
    page = select_artifacts(limit=2, tag="rare")

    found = reader.execute(page.with_only_columns(ArtifactSummary.id, ArtifactSummary.name)).all()

    assert [tuple(each) for each in found] == [("agent:1995", "1995"), ("agent:2000", "2000")]


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"limit": 0}, "page of 0 rows"),
        ({"limit": 2**31}, "page of"),
        ({"after": "a", "before": "b"}, "not both"),
        ({"search": " "}, "needs a word"),
        ({"search": "pdf", "after": "skill:pdf"}, "not a cursor of a search"),
    ],
    ids=["zero", "too many", "two cursors", "empty search", "cursor of another list"],
)
def test_a_select_refuses_the_same_values_as_list_artifacts(
    given: dict[str, object], complaint: str
) -> None:
    with pytest.raises(InvalidValue, match=complaint):
        select_artifacts(**given)  # type: ignore[arg-type]


def test_a_page_is_typed(reader: Session) -> None:
    page = select_artifacts(limit=1)
    assert_type(page, Select[ArtifactSummary])

    (found,) = reader.scalars(page)

    assert_type(found.tags, list[str])
    assert_type(found.collections, list[CountedCollection])
    assert found.collections[0]["name"] == "Default"


def as_collection(summary: CollectionSummary) -> Collection:
    return Collection(**{field.name: getattr(summary, field.name) for field in fields(Collection)})


@pytest.mark.parametrize("search", [None, "c1", "LATE", "%", "nowhere"])
@pytest.mark.parametrize("after", [None, "", "010", "default", "zzz"])
def test_a_page_of_collections_equals_that_of_list_collections(
    reader: Session, search: str | None, after: str | None
) -> None:
    found = reader.scalars(select_collections(limit=5, after=after, search=search))

    listed = list_collections(driver(reader), limit=5, after=after, search=search)
    assert [as_collection(each) for each in found] == list(listed.items)


def test_a_limit_of_zero_collections_is_an_invalid_value() -> None:
    with pytest.raises(InvalidValue, match="page of 0 rows"):
        select_collections(limit=0)
