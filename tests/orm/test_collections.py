"""A page through SQLAlchemy is the page of `list_collections`."""

from dataclasses import fields

import pytest
from sqlalchemy.orm import Session

from skillmeat.catalogue.collections import Collection, list_collections
from skillmeat.errors import InvalidValue
from skillmeat.orm import CollectionSummary, select_collections
from tests.orm.conftest import driver


def as_listed(summary: CollectionSummary) -> Collection:
    return Collection(**{field.name: getattr(summary, field.name) for field in fields(Collection)})


@pytest.mark.parametrize("search", [None, "c1", "LATE", "%", "nowhere"])
@pytest.mark.parametrize("after", [None, "", "010", "default", "zzz"])
def test_every_page_is_the_one_that_is_listed(
    reader: Session, search: str | None, after: str | None
) -> None:
    found = reader.scalars(select_collections(limit=5, after=after, search=search))

    listed = list_collections(driver(reader), limit=5, after=after, search=search)
    assert [as_listed(each) for each in found] == list(listed.items)


def test_a_page_that_nobody_can_read_is_an_invalid_value() -> None:
    with pytest.raises(InvalidValue, match="page of 0 rows"):
        select_collections(limit=0)
