"""Sessions that read: pages at random cursors."""

from random import Random

from psycopg import Connection

from benchmarks.soak.dataset import TYPES, some_artifact, some_collection, some_tag
from benchmarks.soak.sessions import Soak
from skillmeat.catalogue.artifacts import list_artifacts
from skillmeat.catalogue.collections import list_collections


def read(soak: Soak, conn: Connection, choice: Random) -> None:
    """Read a page: of all artifacts mostly, or of a type, a collection or a tag; or collections."""
    options = soak.options
    after = some_artifact(choice, options)
    match choice.randrange(8):
        case 0:
            list_collections(conn, after=some_collection(choice, options))
        case 1:
            list_artifacts(conn, collection=some_collection(choice, options))
        case 2:
            list_artifacts(conn, tag=some_tag(choice).replace("t", "tag-"))
        case 3:
            list_artifacts(conn, type=choice.choice(TYPES))
        case _:
            list_artifacts(conn, after=after)
    soak.tally.add("pages")
