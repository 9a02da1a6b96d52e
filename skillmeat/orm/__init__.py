"""The views, mapped read-only for SQLAlchemy: exact counts in a `select()`, one statement each.

An engine whose creator is `skillmeat.connect` reads the schema that is chosen there:

    engine = create_engine(
        "postgresql+psycopg://", creator=skillmeat.connect, isolation_level="AUTOCOMMIT"
    )
    with Session(engine) as session:
        for each in session.scalars(select_artifacts(collection="default", limit=20)):
            print(each.id, each.tags, each.collections)

The creator `partial(skillmeat.connect, url, schema=schema)` reads another catalogue. AUTOCOMMIT is
for speed: a rollback makes psycopg drop its prepared statements, and a page that must be planned
again takes twice as long. Each select is exact by itself. Leave AUTOCOMMIT out if several selects
must see the same state.

Every select reads its rows again, even if the session has loaded them before. A session that
flushes a new, changed or deleted summary raises `ReadOnly`: write to the tables,
`skillmeat.models`.
"""

from skillmeat.orm.selects import select_artifacts, select_collections
from skillmeat.orm.summaries import (
    ArtifactSummary,
    ArtifactTypeSummary,
    CollectionSummary,
    CountedCollection,
    GroupSummary,
    SummaryBase,
    TagSummary,
)

__all__ = [
    "ArtifactSummary",
    "ArtifactTypeSummary",
    "CollectionSummary",
    "CountedCollection",
    "GroupSummary",
    "SummaryBase",
    "TagSummary",
    "select_artifacts",
    "select_collections",
]
