from collections import Counter
from pathlib import Path

import pytest

from skillmeat.importer.readers import Catalogue, Source, merge
from tests.importer.readers.trees import read_one

CHECKOUT = Path(__file__).parents[2]
MARKETPLACE = CHECKOUT.parent / "shared/data/plugins-marketplace"


@pytest.fixture(scope="module")
def marketplace() -> Source:
    if not MARKETPLACE.is_dir():
        pytest.skip("no ../shared/data/plugins-marketplace beside this checkout")
    return read_one(MARKETPLACE)


@pytest.fixture(scope="module")
def catalogue(marketplace: Source) -> Catalogue:
    return merge([marketplace])


def test_the_real_marketplace_has_91_plugins_and_488_files(marketplace: Source) -> None:
    assert len(marketplace.collections) == 91
    assert sum(len(collection.artifacts) for collection in marketplace.collections) == 488
    assert Counter(len(collection.artifacts) > 0 for collection in marketplace.collections) == {
        True: 91
    }


def test_its_largest_plugins_are_the_largest(marketplace: Source) -> None:
    sizes = Counter({one.id: len(one.artifacts) for one in marketplace.collections})

    assert sizes.most_common(5) == [
        ("python-development", 20),
        ("backend-development", 18),
        ("agent-teams", 17),
        ("ui-design", 16),
        ("cloud-infrastructure", 15),
    ]


def test_its_files_are_411_artifacts_in_488_memberships(catalogue: Catalogue) -> None:
    assert Counter(entry.winner.type for entry in catalogue.entries) == {
        "agent": 137,
        "command": 93,
        "skill": 181,
    }
    assert sum(len(entry.collections) for entry in catalogue.entries) == 488


def test_its_most_shared_artifacts_are_in_as_many_plugins(catalogue: Catalogue) -> None:
    shared = Counter({entry.id: len(entry.collections) for entry in catalogue.entries})

    assert shared.most_common(3) == [
        ("agent:code-reviewer", 7),
        ("agent:backend-architect", 6),
        ("agent:test-automator", 6),
    ]
    assert shared["agent:security-auditor"] == shared["agent:performance-engineer"] == 5


def test_its_flaws_are_41_files_without_front_matter_and_a_remote_plugin(
    marketplace: Source,
) -> None:
    assert Counter((flaw.skipped, flaw.reason[:16]) for flaw in marketplace.flaws) == {
        (False, "no front matter"): 41,
        (True, "plugin pensyve: "): 1,
    }


def test_the_sample_is_read_without_a_flaw() -> None:
    source = read_one(CHECKOUT / "examples/marketplace")

    catalogue = merge([source])
    assert source.flaws == ()
    assert len(catalogue.collections) == 5
    assert len(catalogue.entries) == 15
    assert sum(len(entry.collections) for entry in catalogue.entries) == 19


def test_the_sample_shows_a_conflict_that_the_version_settles() -> None:
    (conflict,) = merge([read_one(CHECKOUT / "examples/marketplace")]).conflicts

    assert (conflict.artifact_id, conflict.collection_id) == ("command:changelog", "release-train")
