from collections import Counter
from pathlib import Path

import pytest

from skillmeat.importer.readers import MergedSources, Source, merge_sources
from tests.importer.readers.trees import read_one

CHECKOUT = Path(__file__).parents[3]
MARKETPLACE = CHECKOUT.parent / "shared/data/plugins-marketplace"


@pytest.fixture(scope="module")
def marketplace() -> Source:
    if not MARKETPLACE.is_dir():
        pytest.skip("needs ../shared/data/plugins-marketplace beside this checkout")
    return read_one(MARKETPLACE)


@pytest.fixture(scope="module")
def catalogue(marketplace: Source) -> MergedSources:
    return merge_sources([marketplace])


def test_the_real_marketplace_has_91_plugins_and_488_files(marketplace: Source) -> None:
    assert len(marketplace.collections) == 91
    assert sum(len(collection.artifacts) for collection in marketplace.collections) == 488
    assert Counter(len(collection.artifacts) > 0 for collection in marketplace.collections) == {
        True: 91
    }


def test_the_largest_plugins_of_the_real_marketplace_have_15_to_20_artifacts(
    marketplace: Source,
) -> None:
    sizes = Counter({found.id: len(found.artifacts) for found in marketplace.collections})

    assert sizes.most_common(5) == [
        ("python-development", 20),
        ("backend-development", 18),
        ("agent-teams", 17),
        ("ui-design", 16),
        ("cloud-infrastructure", 15),
    ]


def test_the_files_of_the_real_marketplace_are_411_artifacts_in_488_memberships(
    catalogue: MergedSources,
) -> None:
    assert Counter(entry.latest.type for entry in catalogue.artifacts) == {
        "agent": 137,
        "command": 93,
        "skill": 181,
    }
    assert sum(len(entry.collections) for entry in catalogue.artifacts) == 488


def test_the_most_shared_artifacts_are_in_all_their_plugins(catalogue: MergedSources) -> None:
    shared = Counter({entry.id: len(entry.collections) for entry in catalogue.artifacts})

    assert shared.most_common(3) == [
        ("agent:code-reviewer", 7),
        ("agent:backend-architect", 6),
        ("agent:test-automator", 6),
    ]
    assert shared["agent:security-auditor"] == shared["agent:performance-engineer"] == 5


def test_the_real_marketplace_has_41_files_without_front_matter_and_a_remote_plugin(
    marketplace: Source,
) -> None:
    assert Counter((problem.is_skipped, problem.reason) for problem in marketplace.problems) == {
        (False, "no front matter"): 41,
        (True, "the plugin's source is remote"): 1,
    }


def test_the_sample_is_read_without_a_problem() -> None:
    source = read_one(CHECKOUT / "examples/marketplace")

    catalogue = merge_sources([source])
    assert source.problems == ()
    assert len(catalogue.collections) == 5
    assert len(catalogue.artifacts) == 15
    assert sum(len(entry.collections) for entry in catalogue.artifacts) == 19


def test_the_version_decides_the_conflict_of_the_sample() -> None:
    (conflict,) = merge_sources([read_one(CHECKOUT / "examples/marketplace")]).conflicts

    assert (conflict.artifact_id, conflict.collection_id) == ("command:changelog", "release-train")
