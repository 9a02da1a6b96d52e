"""Computed rows cannot be written; the error comes before any statement is sent."""

from collections.abc import Callable

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.orm import Session

from skillmeat.errors import ReadOnly
from skillmeat.models import Base, Collection
from skillmeat.orm import (
    ArtifactSummary,
    CollectionSummary,
    SummaryBase,
    TagSummary,
    select_collections,
)
from tests.catalogue.traffic import traffic
from tests.orm.conftest import driver


def add(session: Session) -> None:
    session.add(TagSummary(id="t", name="T", slug="t"))
    session.flush()


def change(session: Session) -> None:
    session.scalars(select_collections()).one().name = "Other"
    session.flush()


def remove(session: Session) -> None:
    session.delete(session.scalars(select_collections()).one())
    session.flush()


FLUSHES: list[Callable[[Session], None]] = [add, change, remove]
STATEMENTS = {
    "insert": insert(CollectionSummary).values(id="two", name="Two"),
    "update": update(CollectionSummary).values(name="Other"),
    "delete": delete(CollectionSummary),
}


@pytest.fixture
def furnished(session: Session) -> Session:
    """Return a session that has added a collection in its transaction."""
    session.add(Collection(id="one", name="One"))
    session.flush()
    return session


@pytest.mark.parametrize("write", FLUSHES)
def test_a_summary_cannot_be_flushed(furnished: Session, write: Callable[[Session], None]) -> None:
    with pytest.raises(ReadOnly, match=r"Summary is read-only because .* write to the tables"):
        write(furnished)


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_summary_cannot_be_written_by_a_statement(furnished: Session, name: str) -> None:
    with pytest.raises(ReadOnly, match="CollectionSummary is read-only"):
        furnished.execute(STATEMENTS[name])


def test_a_refused_write_of_a_summary_sends_no_statement(furnished: Session) -> None:
    furnished.add(Collection(id="two", name="Two"))
    furnished.add(ArtifactSummary(id="skill:pdf"))

    with traffic(driver(furnished)) as sent, pytest.raises(ReadOnly):
        furnished.flush()

    assert sent.statements == 0


def test_a_summary_that_was_only_read_does_not_stop_a_flush(furnished: Session) -> None:
    read = furnished.scalars(select_collections()).one()
    read.name = str(read.name)
    furnished.add(Collection(id="two", name="Two"))

    furnished.flush()

    assert furnished.scalars(select(Collection.id).order_by(Collection.id)).all() == ["one", "two"]


def test_the_metadata_of_alembic_contains_no_view() -> None:
    assert not SummaryBase.metadata.tables.keys() & Base.metadata.tables.keys()


@pytest.mark.parametrize("make", ["create_all", "drop_all"])
def test_create_all_creates_no_view(session: Session, make: str) -> None:
    with pytest.raises(ReadOnly, match="skillmeat migrate up"):
        getattr(SummaryBase.metadata, make)(session.connection())

    kinds = session.scalars(text("select relkind from pg_class where relname ~ '^tag_summaries'"))
    assert kinds.all() == ["v"]
