"""Add artifacts to a collection and read a page of it, with exact counts, in one SELECT each."""

import skillmeat
from skillmeat.catalogue.artifacts import list_artifacts
from skillmeat.catalogue.bulk import NewArtifact, put_artifacts
from skillmeat.catalogue.collections import create_collection, list_collections
from skillmeat.catalogue.memberships import add_artifacts

with skillmeat.connect() as conn:  # one transaction, rolled back at the end
    put_artifacts(conn, [NewArtifact("skill", "pdf"), NewArtifact("agent", "code reviewer")])
    reading = create_collection(conn, name="Reading")
    added = add_artifacts(conn, reading.id, ["skill:pdf", "agent:code reviewer"])
    print(f"{added.added} added, {added.artifact_count} in {reading.name}")

    for artifact in list_artifacts(conn, collection=reading.id, search="rev", limit=50).items:
        counts = {each.name: each.artifact_count for each in artifact.collections}
        print(artifact.id, counts)
    for collection in list_collections(conn, search="read").items:
        print(collection.name, collection.artifact_count)
    conn.rollback()
