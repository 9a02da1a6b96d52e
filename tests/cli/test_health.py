import pytest
from psycopg import Connection

from tests.cli.commands import run

pytestmark = pytest.mark.usefixtures("filled")


@pytest.fixture
def drifting(filled: Connection) -> Connection:
    """A catalogue in which `docs` claims seven artifacts."""
    filled.execute("update collections set artifact_count = 7")
    return filled


def test_verify_says_healthy() -> None:
    verified = run("verify")

    assert (verified.code, verified.out) == (0, "healthy\n")
    assert run("verify", "--json").json == {"healthy": True, "drift": []}


@pytest.mark.usefixtures("drifting")
def test_verify_tables_what_drifts_and_fails() -> None:
    verified = run("verify")

    assert verified.code == 1
    assert verified.out.splitlines() == [
        "counter                     which  says  true",
        "collections.artifact_count  docs      7     3",
    ]


@pytest.mark.usefixtures("drifting")
def test_verify_as_json_fails_too() -> None:
    verified = run("verify", "--json")

    found = {"counter": "collections.artifact_count", "parent": "docs", "counted": 7, "actual": 3}
    assert (verified.code, verified.json) == (1, {"healthy": False, "drift": [found]})


@pytest.mark.usefixtures("drifting")
def test_repair_says_what_it_mended() -> None:
    repaired = run("repair")

    assert "collections.artifact_count  docs      7     3" in repaired.out
    assert repaired.out.endswith("\n1 mended\n")
    assert run("verify").code == 0
    assert run("repair", "--json").json == {"mended": []}


def test_status_has_the_totals_of_an_up_to_date_schema() -> None:
    status = run("status", "--json").json

    assert status["revision"]["up_to_date"] is True
    assert status["totals"] == {
        "artifacts": 5,
        "collections": 1,
        "memberships": 3,
        "groups": 0,
        "tags": 0,
        "pending": 0,
    }


def test_status_counts_what_is_pending(conn: Connection) -> None:
    with conn.transaction():
        conn.execute("select from collections for no key update")
        assert run("collections", "add", "docs", "skill:s4").code == 0

    assert run("status", "--json").json["totals"]["pending"] == 1
    assert run("verify").code == 0


def test_status_shows_no_password(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    separator = "&" if "?" in url else "?"
    monkeypatch.setenv("SKILLMEAT_DATABASE_URL", f"{url}{separator}sslpassword=geheim")

    shown = run("status")

    assert shown.code == 0
    assert "geheim" not in shown.out


def test_status_of_an_unmigrated_schema_says_what_to_run() -> None:
    status = run("--schema", "nothing_here", "status")

    assert status.code == 0
    assert "revision  none (run `skillmeat migrate up`)" in status.out
    assert run("--schema", "nothing_here", "status", "--json").json["totals"] is None
