from dataclasses import replace
from itertools import permutations

import pytest

from skillmeat.importer.readers import FoundArtifact, FoundCollection, Source, merge_sources
from skillmeat.importer.readers.merge import rank_version

ARTIFACT = FoundArtifact(
    "agent", "a", None, None, None, None, None, (), {}, "0", "marketplace", "agents/a.md"
)


def copy(content: str, version: str | None = None, *tags: str) -> FoundArtifact:
    return replace(ARTIFACT, content_hash=content, version=version, tags=tags)


def market(*members: tuple[str, FoundArtifact], name: str = "m") -> Source:
    collections = tuple(FoundCollection(at, at, f"About {at}.", (one,)) for at, one in members)
    return Source(name, "marketplace", "/m", collections, ())


def contents(*sources: Source) -> list[str]:
    """Return the hashes in the order in which an import writes them."""
    (entry,) = merge_sources(sources).artifacts
    return [artifact.content_hash for artifact in (*entry.other_contents, entry.latest)]


def test_copies_with_one_content_are_one_artifact_without_conflict() -> None:
    catalogue = merge_sources([market(("p", copy("x")), ("q", copy("x")))])

    (entry,) = catalogue.artifacts
    assert (entry.id, entry.other_contents, entry.collections) == ("agent:a", (), ("p", "q"))
    assert catalogue.conflicts == ()


def test_the_highest_declared_version_wins() -> None:
    members = [("p", copy("old", "1.9")), ("q", copy("new", "1.10")), ("r", copy("none"))]

    assert contents(market(*members)) == ["none", "old", "new"]


def test_the_content_in_most_collections_wins_without_versions() -> None:
    members = [("a", copy("rare")), ("b", copy("common")), ("c", copy("common"))]

    assert contents(market(*members)) == ["rare", "common"]


def test_the_content_in_the_first_collection_wins_among_equals() -> None:
    members = [("a", copy("small")), ("B", copy("capital")), ("ä", copy("umlaut"))]

    assert contents(market(*members)) == ["umlaut", "small", "capital"]


def test_a_copy_in_a_plugin_wins_over_a_copy_in_no_plugin() -> None:
    loose = Source("home", "claude", "/h", (), (copy("loose"),))

    assert contents(market(("z", copy("plugged"))), loose) == ["loose", "plugged"]


def test_the_result_does_not_depend_on_the_order_of_sources_and_artifacts() -> None:
    members = [
        ("a", copy("x", "1.0", "t")),
        ("b", copy("y", "1.0.0", "T")),
        ("c", copy("z")),
        ("d", copy("w", "0.9")),
        ("e", copy("w", "0.9", "u")),
    ]
    home = Source("home", "claude", "/h", (), (copy("z"),))
    outcomes = {
        repr(merge_sources(sources))
        for order in permutations(members)
        for sources in ([market(*order), home], [home, market(*order)])
    }

    assert len(outcomes) == 1


def test_an_artifact_has_the_tags_of_all_its_copies() -> None:
    members = [("p", copy("x", None, "one", "Two")), ("q", copy("y", "2", "two", "three"))]

    (entry,) = merge_sources([market(*members)]).artifacts

    assert entry.tags == ("Two", "one", "three")


def test_a_conflict_names_the_number_of_contents_and_the_collection_of_the_latest() -> None:
    members = [("p", copy("x")), ("q", copy("y", "1")), ("r", copy("y", "1")), ("s", copy("z"))]

    (conflict,) = merge_sources([market(*members)]).conflicts

    assert (conflict.artifact_id, conflict.contents) == ("agent:a", 3)
    assert (conflict.collection_id, conflict.path) == ("q", "agents/a.md")


def test_a_conflict_names_the_plugin_if_the_latest_content_is_also_outside() -> None:
    home = Source("home", "claude", "/h", (), (copy("x"), copy("y")))

    (conflict,) = merge_sources([home, market(("p", copy("x")))]).conflicts

    assert conflict.collection_id == "p"


def test_two_sources_with_one_collection_make_one_collection() -> None:
    first = market(("p", copy("x")), name="a")
    second = market(("p", replace(copy("y"), name="b")), name="b")

    catalogue = merge_sources([second, first])

    assert [collection.id for collection in catalogue.collections] == ["p"]
    assert [(entry.id, entry.collections) for entry in catalogue.artifacts] == [
        ("agent:a", ("p",)),
        ("agent:b", ("p",)),
    ]


@pytest.mark.parametrize(
    ("lower", "higher"),
    [
        (None, "latest"),
        (None, "0"),
        ("latest", "0.1"),
        ("1.9", "1.10"),
        ("1.9.9", "v2"),
        ("1.0.0-beta.2", "1.0.0-beta.11"),
        ("1.0.0-alpha", "1.0.0-beta"),
        ("1.0.0-rc.1", "1.0.0"),
        ("1.0.0-1", "1.0.0-alpha"),
        ("2024-01-31", "2024-02-01"),
        ("1", "1." + "9" * 10_000),
        ("9" * 9_999, "1" * 10_000),
    ],
)
def test_a_version_is_later_than_another(lower: str | None, higher: str) -> None:
    assert rank_version(lower) < rank_version(higher)


@pytest.mark.parametrize("version", ["1.2", "v1.2", "1.2.0", "1.02", "1.2+build.7"])
def test_a_version_has_several_spellings(version: str) -> None:
    assert rank_version(version) == rank_version("1.2")
