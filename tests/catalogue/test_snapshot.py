"""Pages of the snapshot: rows as of the last refresh, and their age."""

from datetime import timedelta
from functools import partial

import pytest
from psycopg import Connection

from skillmeat.catalogue import (
    NewArtifact,
    SnapshotArtifact,
    add_artifacts,
    create_tag,
    delete_artifact,
    get_artifact,
    list_artifacts_stale,
    put_artifacts,
    tag_artifacts,
)
from skillmeat.errors import InvalidValue, TooStale
from tests.catalogue.conftest import ARTIFACTS
from tests.catalogue.paging import backwards, forwards

REFRESH = "select refresh_artifact_summaries()"
NONE = timedelta()


@pytest.fixture
def refreshed(small: Connection) -> Connection:
    """Add four artifacts to collection `one`, and refresh the snapshot."""
    add_artifacts(small, "one", ARTIFACTS)
    tag_artifacts(small, create_tag(small, name="t").id, ["skill:pdf"])
    small.execute(REFRESH)
    return small


def ids(rows: list[SnapshotArtifact] | tuple[SnapshotArtifact, ...]) -> list[str]:
    return [each.id for each in rows]


def test_a_row_is_the_artifact_with_the_ids_of_its_collections(refreshed: Connection) -> None:
    exact = get_artifact(refreshed, "skill:pdf")
    assert exact is not None

    (found,) = list_artifacts_stale(refreshed, after="command:commit", limit=1).items

    assert found == SnapshotArtifact(
        id="skill:pdf",
        type="skill",
        name="pdf",
        title=None,
        description=None,
        author=None,
        license=None,
        source=None,
        origin=None,
        metadata={},
        tags=("t",),
        version=None,
        collection_ids=("one",),
        added_at=exact.added_at,
        updated_at=exact.updated_at,
    )


def test_a_stale_page_lacks_writes_since_the_refresh(refreshed: Connection) -> None:
    put_artifacts(refreshed, [NewArtifact("skill", "new")])
    delete_artifact(refreshed, "skill:pdf")

    assert ids(list_artifacts_stale(refreshed).items) == list(ARTIFACTS)


def test_a_snapshot_without_pending_changes_has_no_age(
    refreshed: Connection,
) -> None:
    refreshed.execute("update last_refresh set started_at = started_at - interval '1 day'")

    assert list_artifacts_stale(refreshed, max_age=NONE).age == NONE


def test_the_age_is_that_of_the_oldest_change_that_the_snapshot_lacks(
    refreshed: Connection,
) -> None:
    for name in ("one", "two"):
        put_artifacts(refreshed, [NewArtifact("skill", name)])
    refreshed.execute("update artifact_changes set changed_at = now() - interval '1 hour'")
    put_artifacts(refreshed, [NewArtifact("skill", "three")])

    age = list_artifacts_stale(refreshed).age

    assert timedelta(hours=1) <= age < timedelta(hours=2)


def test_an_empty_page_has_an_age_too(refreshed: Connection) -> None:
    put_artifacts(refreshed, [NewArtifact("skill", "new")])

    page = list_artifacts_stale(refreshed, type="nowhere")

    assert (page.items, page.next, page.previous, page.age > NONE) == ((), None, None, True)


def test_a_snapshot_that_is_too_old_is_refused_until_it_is_refreshed(
    refreshed: Connection,
) -> None:
    put_artifacts(refreshed, [NewArtifact("skill", "new")])
    with pytest.raises(TooStale, match="more than 0:00:00") as refused:
        list_artifacts_stale(refreshed, max_age=NONE)
    refreshed.execute(REFRESH)

    found = list_artifacts_stale(refreshed, max_age=NONE)

    assert refused.value.age > NONE
    assert "skill:new" in ids(found.items)


def test_pages_of_a_type_work_in_both_directions(refreshed: Connection) -> None:
    every = partial(list_artifacts_stale, refreshed, limit=1)
    skills = partial(every, type="skill")

    assert ids(forwards(every)) == ids(backwards(every, end="z")) == list(ARTIFACTS)
    assert ids(forwards(skills)) == ids(backwards(skills, end="z")) == ["skill:pdf", "skill:sql"]


@pytest.mark.parametrize("limit", [0, -1, 2**31])
def test_a_page_size_out_of_range_is_an_invalid_value(small: Connection, limit: int) -> None:
    with pytest.raises(InvalidValue, match="page of"):
        list_artifacts_stale(small, limit=limit)


def test_two_cursors_are_an_invalid_value(small: Connection) -> None:
    with pytest.raises(InvalidValue, match="not both"):
        list_artifacts_stale(small, after="a", before="z")
