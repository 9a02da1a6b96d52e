"""Read a page of artifacts and of collections through SQLAlchemy, with exact counts."""

from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

import skillmeat
from skillmeat.orm import ArtifactSummary, select_artifacts, select_collections

# In autocommit each SELECT is exact by itself and stays prepared. A rollback would discard the
# prepared statement.
engine = create_engine(
    "postgresql+psycopg://", creator=skillmeat.connect, isolation_level="AUTOCOMMIT"
)
with Session(engine) as session:
    # One SELECT reads a page, which indexes choose.
    for artifact in session.scalars(select_artifacts(collection="default", limit=20)):
        counts = {each["name"]: each["artifact_count"] for each in artifact.collections}
        print(artifact.id, artifact.tags, counts)
    for collection in session.scalars(select_collections(search="read")):
        print(collection.name, collection.artifact_count)

    # Any other SELECT of the view.
    untitled = select(ArtifactSummary.id).where(ArtifactSummary.title.is_(None)).limit(20)
    print(session.scalars(untitled).all())
engine.dispose()
