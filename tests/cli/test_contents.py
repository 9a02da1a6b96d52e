"""`artifacts show --content` and `artifacts diff`."""

import pytest

import skillmeat
from tests.cli.commands import run
from tests.cli.conftest import FILL
from tests.maintenance.refresh.refreshers import with_parameters

HOSTILE = "# A\x1b]0;gone\x07\r\n\ttab\x9b31m red\u2028 end\nlast\n"
SHOWN = "# A\\x1b]0;gone\\x07\n\ttab\\x9b31m red\\u2028 end\nlast\n"


@pytest.fixture(scope="module")
def url(shared_url: str) -> str:
    """Share one catalogue, with artifacts and some of their texts: the tests only read it."""
    with skillmeat.connect(shared_url, autocommit=True) as conn:
        conn.execute(FILL)
        conn.execute(
            """
            insert into artifact_versions (artifact_id, content_hash, version, created_at)
            values
                ('skill:s1', 'hash of one', '1.0', '2026-01-01'),
                ('skill:s1', 'hash of two', '2.0', '2026-01-02'),
                ('skill:s2', 'hash of two', null, '2026-01-01'),
                ('skill:s3', 'no text', '3.0', '2026-01-01')
            """
        )
        conn.execute(
            "insert into artifact_contents values ('hash of one', %s), ('hash of two', %s)",
            ["# A\nlast\n", HOSTILE],
        )
    return with_parameters(shared_url, options="-c default_transaction_read_only=on")


def test_a_text_is_shown_without_control_characters_and_unchanged_as_json() -> None:
    assert run("artifacts", "show", "skill:s1", "--content").out == SHOWN
    assert run("artifacts", "show", "skill:s1", "--content", "--version", "1.0").out == (
        "# A\nlast\n"
    )
    document = run("artifacts", "show", "skill:s1", "--content", "--json").json
    assert (document["content"], document["content_hash"]) == (HOSTILE, "hash of two")


def test_diff_compares_two_versions_or_two_artifacts() -> None:
    ran = run("artifacts", "diff", "skill:s1", "--from", "hash of o", "--to", "2.0")
    added = "".join(f"+{line}\n" for line in SHOWN.splitlines()[:2])
    assert ran.out == (f"--- skill:s1 1.0\n+++ skill:s1 2.0\n@@ -1,2 +1,3 @@\n-# A\n{added} last\n")
    same = run("artifacts", "diff", "skill:s1", "skill:s2")
    assert (same.code, same.out, same.err) == (0, "", "the texts have the same lines\n")
    document = run("artifacts", "diff", "skill:s1", "skill:s2", "--from", "1.0", "--json").json
    assert document["diff"][:2] == ["--- skill:s1 1.0", "+++ skill:s2 hash of two"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("show", "skill:none", "--content"), 1, "skill:none"),
        (("show", "skill:s1", "--content", "--version", "9"), 1, "has no version '9'"),
        (("show", "skill:s3", "--content"), 1, "no text of skill:s3 is kept: import it again"),
        (("diff", "skill:s1", "skill:s4"), 1, "no text of skill:s4 is kept"),
        (("show", "skill:s1", "--version", "1.0"), 2, "add --content"),
        (("diff", "skill:s1"), 2, "name a second one, or give --from"),
    ],
)
def test_a_text_that_cannot_be_shown_is_an_error_of_one_line(
    arguments: tuple[str, ...], code: int, message: str
) -> None:
    ran = run("artifacts", *arguments)
    assert (ran.code, ran.out, message in " ".join(ran.err.split())) == (code, "", True)
