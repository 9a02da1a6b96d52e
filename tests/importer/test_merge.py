"""The choice of an artifact's latest content among its copies."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import permutations

from psycopg import Connection

from skillmeat.database.query import fetch_all
from skillmeat.importer import merge, staging
from skillmeat.importer.identity import record_sources
from skillmeat.importer.readers import FoundArtifact, FoundCollection, FoundCopy, Source
from skillmeat.importer.report import Conflict

ARTIFACT = FoundArtifact(
    "agent", "a", None, None, None, None, None, (), {}, "0", "marketplace", "agents/a.md"
)


def copy(content: str, version: str | None = None, *tags: str) -> FoundArtifact:
    return replace(ARTIFACT, content_hash=content, version=version, tags=tags)


def market(*members: tuple[str, FoundArtifact], name: str = "m") -> Source:
    copies = tuple(FoundCopy(at, one) for at, one in members)
    collections = [FoundCollection(at, at, f"About {at}.", 1) for at, _ in members]
    return Source(name, "marketplace", f"/{name}", copies, collections, [], [])


def home(*artifacts: FoundArtifact) -> Source:
    copies = tuple(FoundCopy(None, artifact) for artifact in artifacts)
    return Source("home", "claude", "/h", copies, [], [], [])


@contextmanager
def merged(conn: Connection, *sources: Source) -> Iterator[None]:
    """Stage and merge the sources; the transaction is rolled back."""
    with conn.transaction(force_rollback=True):
        conn.execute(staging.CREATE)
        for number, source in enumerate(sources):
            staging.stage_source(conn, source, key=str(number))
        record_sources(conn, sources)
        merge.merge_copies(conn)
        yield


def contents(conn: Connection, *sources: Source) -> list[str]:
    """Return the hashes in the order in which an import writes them."""
    with merged(conn, *sources):
        rows = conn.execute("select content_hash from incoming_versions order by ordinal")
        return [row[0] for row in rows]


def conflicts(conn: Connection, *sources: Source) -> tuple[Conflict, ...]:
    with merged(conn, *sources):
        return fetch_all(conn, Conflict, merge.LIST_CONFLICTS, {})


def test_copies_with_one_content_have_one_version_and_no_conflict(conn: Connection) -> None:
    source = market(("p", copy("x")), ("q", copy("x")))

    assert contents(conn, source) == ["x"]
    assert conflicts(conn, source) == ()


def test_the_highest_declared_version_wins(conn: Connection) -> None:
    members = [("p", copy("old", "1.9")), ("q", copy("new", "1.10")), ("r", copy("none"))]

    assert contents(conn, market(*members)) == ["none", "old", "new"]


def test_the_content_in_most_collections_wins_without_versions(conn: Connection) -> None:
    members = [("a", copy("rare")), ("b", copy("common")), ("c", copy("common"))]

    assert contents(conn, market(*members)) == ["rare", "common"]


def test_the_content_in_the_first_collection_wins_among_equals(conn: Connection) -> None:
    members = [("a", copy("small")), ("B", copy("capital")), ("ä", copy("umlaut"))]

    assert contents(conn, market(*members)) == ["umlaut", "small", "capital"]


def test_a_copy_in_a_plugin_wins_over_a_copy_in_no_plugin(conn: Connection) -> None:
    loose = home(copy("loose"))

    assert contents(conn, market(("z", copy("plugged"))), loose) == ["loose", "plugged"]


def test_the_result_does_not_depend_on_the_order_of_sources_and_artifacts(conn: Connection) -> None:
    members = [
        ("a", copy("x", "1.0", "t")),
        ("b", copy("y", "1.0.0", "T")),
        ("c", copy("z")),
        ("d", copy("w", "0.9")),
        ("e", copy("w", "0.9", "u")),
    ]
    loose = home(copy("z"))
    outcomes = {
        tuple(contents(conn, *sources))
        for order in [*permutations(members)][::17]
        for sources in ([market(*order), loose], [loose, market(*order)])
    }

    assert outcomes == {("z", "w", "y", "x")}


def test_a_conflict_names_the_number_of_contents_and_the_collection_of_the_latest(
    conn: Connection,
) -> None:
    members = [("p", copy("x")), ("q", copy("y", "1")), ("r", copy("y", "1")), ("s", copy("z"))]

    assert conflicts(conn, market(*members)) == (Conflict("agent:a", 3, "q", "agents/a.md", "m"),)


def test_a_conflict_names_the_plugin_if_the_latest_content_is_also_outside(
    conn: Connection,
) -> None:
    loose = home(copy("x"), replace(copy("y"), name="b"))

    (conflict,) = conflicts(conn, loose, market(("p", copy("x")), ("q", copy("w", "0"))))[:1]

    assert conflict.collection_id == "q"
