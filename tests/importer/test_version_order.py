"""The order of declared versions."""

import pytest

from skillmeat.importer.version_order import rank_version


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
