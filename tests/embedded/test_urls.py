"""libpq URLs are written, changed and shown without secrets."""

from pathlib import Path

import pytest

from skillmeat.embedded import (
    remove_password,
    replace_database,
)
from skillmeat.embedded.urls import make_socket_url


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql:///a?host=/s", "postgresql:///b?host=/s"),
        ("postgresql://u:p@h1:1,h2:2/a?x=/y", "postgresql://u:p@h1:1,h2:2/b?x=/y"),
        ("postgresql://u@h", "postgresql://u@h/b"),
        ("postgresql://?host=/s", "postgresql:///b?host=/s"),
        ("postgresql://u@h/a?dbname=c&x=y&db%6Eame=d", "postgresql://u@h/b?x=y"),
    ],
)
def test_replace_database_changes_only_the_database(url: str, expected: str) -> None:
    assert replace_database(url, "b") == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://u:p@h:1/a?x=y", "postgresql://u@h:1/a?x=y"),
        ("postgresql://u@h/a?password=p", "postgresql://u@h/a"),
        ("postgresql:///a?user=u&password=p&host=/s", "postgresql:///a?user=u&host=/s"),
        ("postgresql://h:1/a", "postgresql://h:1/a"),
    ],
)
def test_remove_password_removes_every_password(url: str, expected: str) -> None:
    assert remove_password(url) == expected


def test_a_url_is_ascii_for_a_path_of_any_bytes() -> None:
    assert make_socket_url(Path("/a b,+é"), "c/d") == (
        "postgresql://postgres@:5432/c%2Fd?host=/a%20b%2C%2B%C3%A9"
    )
