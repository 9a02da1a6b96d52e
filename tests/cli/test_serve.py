"""What `skillmeat serve` refuses before it connects, creates or listens."""

import pytest

from tests.cli.commands import run


@pytest.fixture(scope="module")
def url(shared_url: str) -> str:
    """Share one catalogue: no test depends on what is in it."""
    return shared_url


@pytest.mark.parametrize(
    ("arguments", "variables", "code", "message"),
    [
        (["--read-url", "  "], {}, 2, "it is empty: write postgresql://"),
        (["--max-lag", "nan"], {}, 2, "must be less than or equal to 900"),
        ([], {"MAX_LAG": "inf"}, 2, "must be less than or equal to 900"),
        ([], {"MAX_LAG": "soon"}, 2, "(env var: 'SKILLMEAT_MAX_LAG'): "),
        (["--connections", "0"], {}, 2, "must be greater than or equal to 1"),
        ([], {"PREPARE": "maybe"}, 1, "SKILLMEAT_PREPARE is 'maybe': write yes or no"),
        ([], {"READ_URL": "postgresql://a:b@c@d/e"}, 1, "libpq cannot read SKILLMEAT_READ_URL"),
        ([], {"API_TOKEN": "caf\xe9"}, 1, "no client can send SKILLMEAT_API_TOKEN: use visible"),
        ([], {"METRICS_TOKEN": " "}, 1, "no client can send SKILLMEAT_METRICS_TOKEN: use visible"),
        ([], {"API_TOKEN": "x", "METRICS_TOKEN": "x"}, 1, "would let its holder write: choose"),
        ([], {"CORS_ORIGINS": "http://a, http://b"}, 2, "'http://a,' is no origin: write it as"),
        (["--cors-origin", "https://Example.org"], {}, 2, "is no origin: write it as a browser"),
        (["--cors-origin", "https://b\xfccher.example"], {}, 2, "is no origin: write it as"),
        (["--cors-origin", "https://example.org:443"], {}, 2, "is no origin: write it as"),
        (["--cors-origin", "http://me@example.org"], {}, 2, "is no origin: write it as a browser"),
        (["--all-services", "--service", "a"], {}, 2, "no such option: --service"),
    ],
)
def test_a_wrong_setting_is_refused_before_anything_else(
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    variables: dict[str, str],
    code: int,
    message: str,
) -> None:
    # Whatever would connect fails in another way.
    monkeypatch.setenv("SKILLMEAT_DATABASE_URL", "postgresql:///?host=/nonexistent")
    for name, value in variables.items():
        monkeypatch.setenv(f"SKILLMEAT_{name}", value)

    refused = run("serve", "--port", "0", *arguments)

    assert (refused.code, refused.out, refused.err.count("\n")) == (code, "", 1)
    assert message in refused.err
