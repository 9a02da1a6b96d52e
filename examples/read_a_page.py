"""Add artifacts to a collection and read a page of it, with exact counts, in one SELECT each."""

import skillmeat
from skillmeat.catalogue import (
    NewArtifact,
    add_artifacts,
    create_collection,
    list_artifacts,
    list_collections,
    put_artifacts,
)

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
