from collections import Counter
from pathlib import Path

import pytest

from tests.importer.readers.trees import ReadSource, read_one

CHECKOUT = Path(__file__).parents[3]
MARKETPLACE = CHECKOUT.parent / "shared/data/plugins-marketplace"


@pytest.fixture(scope="module")
def marketplace() -> ReadSource:
    if not MARKETPLACE.is_dir():
        pytest.skip("needs ../shared/data/plugins-marketplace beside this checkout")
    return read_one(MARKETPLACE)


def collections_by_artifact(source: ReadSource) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for collection in source.collections:
        for artifact in collection.artifacts:
            found.setdefault(artifact.id, set()).add(collection.id)
    return found


def test_the_real_marketplace_has_91_plugins_and_488_files(marketplace: ReadSource) -> None:
    assert len(marketplace.collections) == 91
    assert sum(len(collection.artifacts) for collection in marketplace.collections) == 488
    assert Counter(len(collection.artifacts) > 0 for collection in marketplace.collections) == {
        True: 91
    }


def test_the_largest_plugins_of_the_real_marketplace_have_15_to_20_artifacts(
    marketplace: ReadSource,
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
    marketplace: ReadSource,
) -> None:
    found = collections_by_artifact(marketplace)

    assert Counter(each.partition(":")[0] for each in found) == {
        "agent": 137,
        "command": 93,
        "skill": 181,
    }
    assert sum(map(len, found.values())) == 488


def test_the_most_shared_artifacts_are_in_all_their_plugins(marketplace: ReadSource) -> None:
    shared = Counter({each: len(of) for each, of in collections_by_artifact(marketplace).items()})

    assert sorted(shared.most_common(3)) == [
        ("agent:backend-architect", 6),
        ("agent:code-reviewer", 7),
        ("agent:test-automator", 6),
    ]
    assert shared["agent:security-auditor"] == shared["agent:performance-engineer"] == 5


def test_the_real_marketplace_has_41_files_without_front_matter_and_a_remote_plugin(
    marketplace: ReadSource,
) -> None:
    assert Counter((problem.is_skipped, problem.reason) for problem in marketplace.problems) == {
        (False, "no front matter"): 41,
        (True, "the plugin's source is remote"): 1,
    }


def test_the_sample_is_read_without_a_problem() -> None:
    source = read_one(CHECKOUT / "examples/marketplace")

    found = collections_by_artifact(source)
    assert source.problems == ()
    assert len(source.collections) == 5
    assert len(found) == 15
    assert sum(map(len, found.values())) == 19
