"""The views in a `select()` of the application's own."""

import pytest
from sqlalchemy import create_engine, func, inspect, select
from sqlalchemy.orm import Mapper, Session

import skillmeat
from skillmeat import migration
from skillmeat.models import Artifact, ArtifactTag, Collection, CollectionArtifact, Tag
from skillmeat.orm import (
    ArtifactSummary,
    ArtifactTypeSummary,
    CollectionSummary,
    GroupSummary,
    SummaryBase,
    TagSummary,
    select_artifacts,
)
from tests.orm.conftest import driver, engine_on

MAPPERS = sorted(SummaryBase.registry.mappers, key=str)


@pytest.mark.parametrize("mapper", MAPPERS, ids=lambda each: str(each.local_table))
def test_every_column_of_a_view_is_mapped_with_its_type(
    reader: Session, mapper: Mapper[SummaryBase]
) -> None:
    mapped = {each.name: each.type.python_type for each in mapper.local_table.columns}

    columns = inspect(reader.connection()).get_columns(str(mapper.local_table))

    told = {each["name"]: getattr(each["type"], "data_type", each["type"]) for each in columns}
    assert mapped == {name: of.python_type for name, of in told.items()}


def test_a_select_of_the_application_returns_the_rows_of_the_view(reader: Session) -> None:
    found = reader.scalars(
        select(ArtifactSummary)
        .where(ArtifactSummary.type == "agent", ArtifactSummary.title == "new")
        .order_by(ArtifactSummary.id)
        .limit(20)
    ).all()

    defined = driver(reader).execute(
        "select id, metadata, tags, collections from artifact_summaries_live"
        " where type = 'agent' and title = 'new' order by id limit 20"
    )
    assert len(found) == 20
    assert [(each.id, each.metadata_, each.tags, each.collections) for each in found] == [
        *defined.fetchall()
    ]


def test_views_are_joined_like_tables(reader: Session) -> None:
    by_type = (
        select(ArtifactTypeSummary.artifact_count, func.count())
        .join(ArtifactSummary, ArtifactSummary.type == ArtifactTypeSummary.type)
        .group_by(ArtifactTypeSummary.type, ArtifactTypeSummary.artifact_count)
        .order_by(ArtifactTypeSummary.type)
    )

    found = reader.execute(by_type).all()

    assert [counted for counted, _ in found] == [count for _, count in found] == [400, 1582]


def test_a_session_sees_its_own_changes_in_what_it_has_read_before(session: Session) -> None:
    session.add_all([Artifact(type="skill", name="pdf"), Collection(id="one", name="One")])
    session.flush()
    before = session.scalars(select_artifacts()).one()
    assert (before.tags, before.collections) == ([], [])

    session.add_all(
        [
            CollectionArtifact(collection_id="one", artifact_id="skill:pdf"),
            Tag(id="t", name="Tag", slug="tag"),
        ]
    )
    session.flush()
    session.add(ArtifactTag(artifact_id="skill:pdf", tag_id="t"))
    after = session.scalars(select(ArtifactSummary)).one()
    counts = (
        session.scalars(select(CollectionSummary.artifact_count)).one(),
        session.scalars(select(TagSummary.artifact_count)).one(),
        session.scalars(select(GroupSummary)).all(),
    )

    assert after is before
    assert (after.tags, after.collections) == (
        ["Tag"],
        [{"id": "one", "name": "One", "artifact_count": 1}],
    )
    assert counts == (1, 1, [])


def test_an_artifact_from_a_search_keeps_no_rank_in_the_next_list(reader: Session) -> None:
    found = reader.scalars(select_artifacts(search="walrus", limit=1)).one()
    searched = found.cursor

    again = reader.scalars(select(ArtifactSummary).where(ArtifactSummary.id == found.id)).one()

    assert searched.endswith(f":{found.id}")
    assert again.cursor == found.id


def test_an_engine_reads_the_catalogue_of_skillmeat_connect(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SKILLMEAT_DATABASE_URL", url)
    engine = create_engine("postgresql+psycopg://", creator=skillmeat.connect)

    with Session(engine) as session:
        found = types(session)
    engine.dispose()

    assert "skill" in found


def test_the_search_path_chooses_the_schema(empty_url: str) -> None:
    migration.upgrade(url=empty_url, schema="Mine, all mine")

    with (
        engine_on(empty_url, schema="Mine, all mine") as engine,
        Session(engine) as session,
    ):
        found = types(session)

    assert "skill" in found


def types(session: Session) -> list[str]:
    return [*session.scalars(select(ArtifactTypeSummary.type))]
