import re

import pytest
from psycopg import Connection

from skillmeat.maintenance import list_count_drift
from skillmeat.maintenance.refresh import get_refresh_status, refresh_snapshot
from tests.cli.commands import run

pytestmark = pytest.mark.usefixtures("filled")


@pytest.fixture
def drifting(filled: Connection) -> Connection:
    """Change the count of `docs` from three to seven, and delete the log of two changes.

    Since the last refresh, a title and an artifact are new.
    """
    filled.execute("update collections set artifact_count = 7")
    refresh_snapshot(filled)
    filled.execute("update artifacts set title = 'New' where id = 'skill:s1'")
    filled.execute("insert into artifacts (type, name) values ('skill', 's6')")
    filled.execute("delete from artifact_changes")
    return filled


def test_verify_prints_healthy() -> None:
    verified = run("verify")

    assert (verified.code, verified.out) == (0, "healthy\n")
    assert run("verify", "--json").json == {
        "healthy": True,
        "drift": [],
        "summary_drift": [],
        "broken_foreign_keys": [],
        "installation": {"differences": [], "not_compared": None},
    }


@pytest.mark.usefixtures("drifting")
def test_verify_prints_counts_and_columns_of_summaries_that_drift_and_fails() -> None:
    verified = run("verify")

    assert verified.code == 1
    assert verified.out.splitlines() == [
        "counter                     key   counted  actual",
        "collections.artifact_count  docs        7       3",
        "side   summary   differs in",
        "shown  skill:s1  title, updated_at",
        "true   skill:s1  title, updated_at",
        "true   skill:s6  the whole row",
    ]


@pytest.mark.usefixtures("drifting")
def test_verify_as_json_has_counts_and_summaries_that_drift_and_fails() -> None:
    verified = run("verify", "--json")

    count = {"counter": "collections.artifact_count", "parent": "docs", "counted": 7, "actual": 3}
    summaries = [
        {"side": "shown", "id": "skill:s1", "columns": ["title", "updated_at"]},
        {"side": "true", "id": "skill:s1", "columns": ["title", "updated_at"]},
        {"side": "true", "id": "skill:s6", "columns": []},
    ]
    assert (verified.code, verified.json["healthy"]) == (1, False)
    assert (verified.json["drift"], verified.json["summary_drift"]) == ([count], summaries)


@pytest.mark.usefixtures("drifting")
def test_repair_lists_the_counts_and_summaries_that_it_repaired() -> None:
    repaired = run("repair")

    assert repaired.out.splitlines() == [
        "counter                     key   counted  actual",
        "collections.artifact_count  docs        7       3",
        "summary",
        "skill:s1",
        "skill:s6",
        "repaired: counts 1, summaries 2",
    ]
    assert run("verify").code == 0
    assert run("repair", "--json").json == {"repaired": [], "summaries": []}


@pytest.mark.usefixtures("drifting")
def test_repair_has_what_it_repaired_as_json() -> None:
    count = {"counter": "collections.artifact_count", "parent": "docs", "counted": 7, "actual": 3}
    assert run("repair", "--json").json == {
        "repaired": [count],
        "summaries": ["skill:s1", "skill:s6"],
    }


def test_verify_and_repair_print_twenty_drifting_summaries_at_most(filled: Connection) -> None:
    filled.execute(
        "insert into artifacts (type, name) select 'skill', 't' || n from generate_series(1, 30) n"
    )
    filled.execute("delete from artifact_changes")

    verified, repaired = run("verify"), run("repair")

    assert verified.out.splitlines()[-1] == "and 15 more: --json has them all"
    assert repaired.out.splitlines()[-2] == "and 15 more: --json has them all"
    assert repaired.out.splitlines()[-1] == "repaired: counts 0, summaries 35"


def test_repair_corrects_counts_beside_an_empty_snapshot(drifting: Connection) -> None:
    drifting.execute("refresh materialized view artifact_summaries_snapshot with no data")

    repaired = run("repair")

    assert (repaired.code, repaired.err.count("\n")) == (1, 1)
    assert repaired.err.endswith("run `skillmeat refresh`\n")
    assert "collections.artifact_count  docs        7       3" in repaired.out
    assert drifting.execute("select artifact_count from collections").fetchone() == (3,)


def test_one_collection_is_verified_and_repaired_by_itself(drifting: Connection) -> None:
    drifting.execute("insert into collections (id, name) values ('other', 'other')")
    drifting.execute("update collections set artifact_count = 9 where id = 'other'")

    verified, repaired = (
        run("verify", "--collection", "docs"),
        run("repair", "--collection", "docs"),
    )

    assert (verified.code, "other" in verified.out, "docs" in verified.out) == (1, False, True)
    assert repaired.out.endswith("\nrepaired: counts 1, summaries 1\n")
    assert drifting.execute("select parent from count_drift").fetchall() == [("other",)]


def test_an_unknown_collection_is_refused_in_one_line() -> None:
    verified = run("verify", "--collection", "nowhere")

    assert (verified.code, verified.err) == (1, "error: there is no collection 'nowhere'\n")


@pytest.mark.usefixtures("drifting")
def test_a_sample_of_the_whole_catalogue_finds_all_drift() -> None:
    assert run("verify", "--sample", "100", "--json").json["drift"] != []


def test_verify_refuses_a_collection_together_with_a_sample() -> None:
    verified = run("verify", "--collection", "docs", "--sample", "5")

    assert (verified.code, "leave out" in verified.err) == (2, True)


def test_verify_names_a_disabled_trigger_and_the_foreign_keys_that_do_not_hold(
    filled: Connection,
) -> None:
    filled.execute("alter table artifacts disable trigger artifacts_record_changes_on_insert")
    filled.execute("set session_replication_role = replica")
    filled.execute("delete from collections where id = 'docs'")
    filled.execute("reset session_replication_role")

    verified = run("verify")

    assert (verified.code, verified.out.splitlines()[-1].split()) == (
        1,
        ["collection_artifacts", "collection_artifacts_are_in_a_collection", "3"],
    )
    assert "artifacts_record_changes_on_insert" in verified.out.splitlines()[0]


def test_verify_leaves_references_to_other_schemas_alone(filled: Connection) -> None:
    filled.execute("create schema another; create table another.owners (id int primary key)")
    filled.execute("create table owned (owner int references another.owners)")

    verified = run("verify")

    assert (verified.code, verified.err) == (0, "")


def test_verify_of_an_empty_snapshot_names_refresh(conn: Connection) -> None:
    conn.execute("refresh materialized view artifact_summaries_snapshot with no data")

    verified = run("verify")

    assert (verified.code, verified.err.count("\n")) == (1, 1)
    assert verified.err.endswith("run `skillmeat refresh`\n")


def test_status_shows_the_totals_of_an_up_to_date_schema() -> None:
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


def test_status_counts_pending_counts(conn: Connection) -> None:
    with conn.transaction():
        conn.execute("select from collections for no key update")
        assert run("collections", "add", "docs", "skill:s4").code == 0

    assert run("status", "--json").json["totals"]["pending"] == 1
    assert list_count_drift(conn) == ()


def test_status_shows_no_password(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    separator = "&" if "?" in url else "?"
    monkeypatch.setenv("SKILLMEAT_DATABASE_URL", f"{url}{separator}sslpassword=geheim")

    shown = run("status")

    assert shown.code == 0
    assert "geheim" not in shown.out


def test_status_of_an_unmigrated_schema_names_migrate_up() -> None:
    status = run("--schema", "nothing_here", "status")

    assert status.code == 0
    assert "revision  none (run `skillmeat migrate up`)" in status.out
    as_json = run("--schema", "nothing_here", "status", "--json").json
    assert [as_json[each] for each in ("totals", "snapshot", "page")] == [None, None, None]


def test_status_of_a_newer_schema_names_no_upgrade(conn: Connection) -> None:
    conn.execute("update alembic_version set version_num = '0099_later'")

    shown = fields("status")

    assert shown["revision"] == "0099_later (install the version of skillmeat that migrated it)"


def test_status_shows_that_no_refresh_has_run(conn: Connection) -> None:
    conn.execute("delete from last_refresh")

    shown = fields("status")

    assert shown["snapshot"] == "of unknown age"
    assert shown["last refresh"] == "none recorded"
    assert shown["changes since"].startswith("8, the oldest ")
    assert shown["a page of 50"].endswith("has refreshed or altered the snapshot")
    assert get_refresh_status(conn).refreshed_at is None


def test_status_shows_the_last_refresh(conn: Connection) -> None:
    refresh_snapshot(conn)

    shown = fields("status")

    assert shown["snapshot"].startswith("at most ")
    assert ", 8 changes in " in shown["last refresh"]
    assert shown["changes since"] == "0"
    assert shown["a page of 50"].endswith(": the snapshot merged with 0 changes")


def test_status_as_json_has_the_snapshot_and_what_a_page_costs(conn: Connection) -> None:
    refresh_snapshot(conn)
    conn.execute("truncate artifacts cascade")

    found = run("status", "--json").json

    snapshot, page = found["snapshot"], found["page"]
    assert (snapshot["absorbed"], snapshot["everything_changed"]) == (8, True)
    assert snapshot["age_seconds"] >= snapshot["rest_seconds"]
    assert page["milliseconds"] > 0
    assert page["bypass"] == {
        "everything_changed": True,
        "has_too_many_changes": False,
        "is_replaced": False,
    }


def test_status_prints_why_a_page_is_read_live(conn: Connection) -> None:
    conn.execute("truncate artifacts cascade")

    page = fields("status")["a page of 50"]

    assert page.endswith(": every artifact read live, because a statement changed too much to list")


@pytest.mark.parametrize(
    ("damage", "output"),
    [
        ("refresh materialized view artifact_summaries_snapshot with no data", "empty"),
        ("drop index artifact_summaries_snapshot_id_idx", "without its unique index"),
    ],
)
def test_status_of_a_damaged_snapshot_names_refresh(
    conn: Connection, damage: str, output: str
) -> None:
    conn.execute(damage)

    shown = fields("status")

    assert shown["snapshot"] == f"{output}: run `skillmeat refresh`"


def fields(*command: str) -> dict[str, str]:
    """Return the names and values that a command printed."""
    ran = run(*command)
    assert (ran.code, ran.err) == (0, "")
    lines = (re.split(" {2,}", line, maxsplit=1) for line in ran.out.splitlines())
    return dict(lines)
