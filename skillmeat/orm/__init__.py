"""The views, mapped read-only for SQLAlchemy: exact counts in a `select()`, one statement each.

An engine connects as everything else does, and so reads the schema that is chosen there:

    engine = create_engine(
        "postgresql+psycopg://", creator=skillmeat.connect, isolation_level="AUTOCOMMIT"
    )
    with Session(engine) as session:
        for each in session.scalars(select_artifacts(collection="default", limit=20)):
            print(each.id, each.tags, each.collections)

`partial(skillmeat.connect, url, schema=schema)` as the creator names another catalogue. AUTOCOMMIT
is for speed: each select is exact by itself, and psycopg forgets what it has prepared when a
session rolls back, so that every page would be planned anew and take twice as long. Leave it out
where several selects are to see one state.

Every select reads its rows anew, also where the session knows them. Whoever adds, changes or
deletes one gets `ReadOnly` when the session flushes; write through the tables, `skillmeat.models`.
"""

from skillmeat.orm.artifacts import select_artifacts
from skillmeat.orm.base import ReadOnly, SummaryBase
from skillmeat.orm.collections import select_collections
from skillmeat.orm.summaries import (
    ArtifactSummary,
    ArtifactTypeSummary,
    CollectionSummary,
    CountedCollection,
    GroupSummary,
    TagSummary,
)

__all__ = [
    "ArtifactSummary",
    "ArtifactTypeSummary",
    "CollectionSummary",
    "CountedCollection",
    "GroupSummary",
    "ReadOnly",
    "SummaryBase",
    "TagSummary",
    "select_artifacts",
    "select_collections",
]
