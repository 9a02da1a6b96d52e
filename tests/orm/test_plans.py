"""A page through SQLAlchemy is one statement, and all that it looks at is the page."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from skillmeat.orm import select_artifacts, select_collections
from tests.catalogue.plans import count_rows_read, plans
from tests.catalogue.traffic import traffic
from tests.orm.conftest import driver, engine_on

LARGE = frozenset(
    {
        "artifacts",
        "artifact_tags",
        "artifact_versions",
        "collection_artifacts",
        "artifact_summaries_snapshot",
        "artifact_changes",
    }
)
LIMIT = 20
# An artifact is chosen, found in the snapshot or among the changes, and has at most two tags, three
# memberships and a version.
PER_ARTIFACT = 14

FILTERS: tuple[dict[str, str], ...] = (
    {},
    {"after": "skill:1000"},
    {"before": "skill:1000"},
    {"type": "agent"},
    {"type": "skill", "before": "~"},
    {"type": "workflow"},
    {"collection": "default"},
    {"collection": "default", "after": "skill:1000"},
    {"collection": "default", "before": "~"},
    {"collection": "late"},
    {"collection": "late", "before": "~"},
    {"collection": "nowhere"},
    {"tag": "t7", "after": "skill:1000"},
    {"tag": "rare"},
    {"tag": "rare", "before": "~"},
    {"type": "skill", "tag": "rare"},
    {"type": "skill", "collection": "late", "before": "~"},
)


def called(given: dict[str, str]) -> str:
    return ",".join(map("=".join, given.items())) or "all"


# A new session for each test would have the views to learn again.
@pytest.fixture(scope="module", params=["custom", "generic"])
def planned(request: pytest.FixtureRequest, catalogue: str) -> Iterator[Session]:
    """Yield a session with custom plans, then one with generic plans."""
    with (
        engine_on(catalogue, prepare_threshold=0) as engine,
        Session(engine.execution_options(isolation_level="AUTOCOMMIT")) as session,
    ):
        session.execute(text(f"set plan_cache_mode = force_{request.param}_plan"))
        yield session


@pytest.mark.parametrize("filters", FILTERS, ids=called)
def test_a_page_of_artifacts_reads_only_its_rows(planned: Session, filters: dict[str, str]) -> None:
    with plans(driver(planned)) as found:
        page = planned.scalars(select_artifacts(limit=LIMIT, **filters)).all()

    (plan,) = found
    assert count_rows_read(plan, of=LARGE) <= PER_ARTIFACT * (len(page) + 1)


def test_a_generic_plan_expects_the_rows_of_one_page(planned: Session) -> None:
    planned.scalars(select_artifacts(limit=17)).all()

    prepared = planned.scalars(text("select statement from pg_prepared_statements")).all()
    assert any("LIMIT 17" in statement for statement in prepared)


def test_reading_the_attributes_of_a_page_sends_no_statement(reader: Session) -> None:
    with traffic(driver(reader)) as sent:
        shown = [
            (each.tags, each.version, each.collections[0]["artifact_count"], each.cursor)
            for each in reader.scalars(select_artifacts(collection="late", type="skill", limit=20))
        ]

    assert (len(shown), sent.statements) == (20, 1)


def test_a_page_of_collections_is_one_statement(reader: Session) -> None:
    with traffic(driver(reader)) as sent:
        counts = [each.artifact_count for each in reader.scalars(select_collections(search="l"))]

    assert (len(counts), sent.statements) == (2, 1)
