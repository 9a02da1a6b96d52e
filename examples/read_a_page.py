"""Add artifacts to a collection and read a page of it, with exact counts, in one SELECT each."""

import skillmeat
from skillmeat import catalogue

with skillmeat.connect() as conn:  # one transaction, rolled back at the end
    artifacts = [catalogue.NewArtifact("skill", "pdf"), catalogue.NewArtifact("agent", "reviewer")]
    catalogue.put_artifacts(conn, artifacts)
    reading = catalogue.create_collection(conn, name="Reading")
    added = catalogue.add_artifacts(conn, reading.id, ["skill:pdf", "agent:reviewer"])
    print(f"{added.added} added, {added.artifact_count} in {reading.name}")

    for artifact in catalogue.list_artifacts(conn, collection=reading.id, limit=50).items:
        print(artifact.id, {each.name: each.artifact_count for each in artifact.collections})
    conn.rollback()
