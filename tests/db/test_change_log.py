"""Each statement logs the artifacts whose summaries it changes, and no other."""

from contextlib import suppress

import pytest
from psycopg import Connection, IsolationLevel, errors

from db.render import read_logged_tables
from tests.db.logged import EVERYTHING, LOGGED
from tests.db.operations import REPLACEMENTS, operations
from tests.db.oracle import differences

OPERATIONS = operations() | REPLACEMENTS
LIMITS = {logged.table: logged for logged in read_logged_tables()}

# One statement that writes many rows, of as many artifacts or of one.
MANY = {
    "artifacts": "insert into artifacts (type, name) select 'workflow', n from {rows}",
    "artifact_versions": (
        "insert into artifact_versions (artifact_id, content_hash) select 'skill:s1', n from {rows}"
    ),
    "artifact_tags": (
        "insert into artifact_tags (tag_id, artifact_id) select 't' || n, 'skill:s1' from {rows}"
    ),
    "collection_artifacts": (
        "insert into collection_artifacts (collection_id, artifact_id) "
        "select 'c' || n, 'skill:s1' from {rows}"
    ),
}
PARENTS = {
    "artifact_tags": "insert into tags (id, name, slug) select 't' || n, n, n from {rows}",
    "collection_artifacts": "insert into collections (id, name) select 'c' || n, n from {rows}",
}


@pytest.mark.parametrize("case", LOGGED)
def test_a_statement_logs_the_artifacts_it_changes_and_no_other(
    sample: Connection, observer: Connection, case: str
) -> None:
    statement, changed = LOGGED[case]

    sample.execute(statement)

    found = logged(sample)
    wrong = through_a_refresh(sample, observer)
    assert (found, wrong, logged(observer)) == (changed, [], set())


def test_a_refresh_absorbs_every_logged_change_of_an_operation(
    sample: Connection,
) -> None:
    before = details(sample)
    sample.rollback()
    missed, wrong = {}, {}

    for name, statements in OPERATIONS.items():
        # Replacing a key may be refused.
        with suppress(errors.UniqueViolation, errors.ForeignKeyViolation):
            sample.execute(statements)
            after, found = details(sample), logged(sample)
            missed[name] = {
                key
                for key in before.keys() | after.keys()
                if before.get(key) != after.get(key) and not found & {key, ""}
            }
            sample.execute("select refresh_artifact_summaries()")
            wrong[name] = differences(sample)
        sample.rollback()

    assert {name: each for name, each in missed.items() if each} == {}
    assert {name: each for name, each in wrong.items() if each} == {}


@pytest.mark.parametrize(
    "statements",
    [
        "update tags set name = 'N' where id = 'p'",
        "update tags set name = 'N', id = 'n' where id = 'p'",
        (
            "update tags set name = 'X' where id = 'p'; update tags set name = 'P' where id = 'q'; "
            "update tags set name = 'Q' where id = 'p'"
        ),
        (
            "insert into tags (id, name, slug) values ('p', 'N', 'n') "
            "on conflict (id) do update set name = excluded.name"
        ),
        (
            "insert into collection_artifacts values ('q', 'skill:s1'); "
            "update collections set name = 'Z' where id = 'p'; "
            "update collections set name = 'P' where id = 'q'; "
            "update collections set name = 'A', id = 'default 2' where id = 'default'"
        ),
        (
            "insert into collection_artifacts values ('q', 'skill:s1'); "
            "insert into collections (id, name) values ('q', 'A \"\\'), ('p', '\"\" : null}') "
            "on conflict (id) do update set name = excluded.name"
        ),
    ],
)
def test_a_tag_or_a_collection_is_shown_by_its_new_name(
    sample: Connection, observer: Connection, isolation: IsolationLevel, statements: str
) -> None:
    sample.isolation_level = isolation

    sample.execute(statements)

    assert through_a_refresh(sample, observer) == []


def test_an_update_that_keeps_the_ids_logs_each_of_them_once(sample: Connection) -> None:
    sample.execute("update artifacts set title = 'T' where type = 'agent'")

    found = sample.execute("select artifact_id from artifact_changes order by 1").fetchall()
    assert found == [("agent:a1",), ("agent:a2",), ("agent:a3",)]


def test_copied_rows_are_logged(sample: Connection) -> None:
    with sample.cursor() as cursor, cursor.copy("copy artifacts (type, name) from stdin") as copy:
        copy.write("skill\tn1\nagent\tn2\n")

    assert (logged(sample), differences(sample)) == ({"skill:n1", "agent:n2"}, [])


def test_what_is_rolled_back_is_not_logged(sample: Connection) -> None:
    sample.execute("update artifacts set title = 'T'")

    sample.rollback()

    assert (logged(sample), differences(sample)) == (set(), [])


@pytest.mark.usefixtures("vacuumed_afterwards")
# A tagging is logged as a membership is, by the same template.
@pytest.mark.parametrize(
    "table",
    [
        pytest.param(table, marks=pytest.mark.exhaustive if table == "artifact_tags" else ())
        for table in MANY
    ],
)
def test_a_statement_on_too_many_rows_logs_everything(sample: Connection, table: str) -> None:
    most = LIMITS[table].max_rows
    sample.execute(PARENTS.get(table, "select").format(rows=numbers(most + 1)))
    sample.execute("savepoint s")
    seen = []

    for count in (most, most + 1):
        sample.execute(MANY[table].format(rows=numbers(count)))
        seen.append(len(logged(sample)) if table == "artifacts" else logged(sample))
        sample.execute("rollback to s")

    assert seen == ([most, 1] if table == "artifacts" else [{"skill:s1"}, EVERYTHING])


@pytest.mark.usefixtures("vacuumed_afterwards")
@pytest.mark.parametrize(
    ("statement", "limit", "named"),
    [
        ("delete from artifact_versions", "max_deleted_rows", {"skill:s1"}),
        (
            "update artifact_versions set artifact_id = 'agent:a1'",
            "max_rows",
            {"skill:s1", "agent:a1"},
        ),
    ],
)
def test_a_large_update_or_delete_logs_everything(
    sample: Connection, statement: str, limit: str, named: set[str]
) -> None:
    most = getattr(LIMITS["artifact_versions"], limit)
    seen = []

    for count in (most, most + 1):
        sample.execute("delete from artifact_versions")
        sample.execute(MANY["artifact_versions"].format(rows=numbers(count)))
        sample.execute("delete from artifact_changes")
        sample.execute(statement)
        seen.append(logged(sample))

    assert seen == [named, EVERYTHING]


def test_views_show_many_inserted_rows_and_omit_them_once_deleted(
    sample: Connection, observer: Connection
) -> None:
    many = LIMITS["artifacts"].max_deleted_rows + 1
    sample.execute(MANY["artifacts"].format(rows=numbers(many)))
    wrong = through_a_refresh(sample, observer)

    sample.execute("delete from artifact_types where type = 'workflow'")

    assert (wrong, logged(sample)) == ([], EVERYTHING)
    assert through_a_refresh(sample, observer) == []


def through_a_refresh(conn: Connection, observer: Connection) -> list[str]:
    """Return all differences before and after the commit of `conn`, and after a refresh."""
    wrong = differences(conn)
    conn.commit()
    wrong += differences(observer)
    observer.execute("select refresh_artifact_summaries()")
    return wrong + differences(observer)


def logged(conn: Connection) -> set[str]:
    """Return the artifacts in the change log that `conn` sees."""
    return {row[0] for row in conn.execute("select artifact_id from artifact_changes")}


def details(conn: Connection) -> dict[str, str]:
    """Return each artifact's row of the snapshot, read live."""
    return dict(conn.execute("select id, d::text from artifact_details as d").fetchall())


def numbers(count: int) -> str:
    """Return a subquery of the numbers up to `count`, as text."""
    return f"(select n::text from generate_series(1, {count}) as n) as numbers (n)"
