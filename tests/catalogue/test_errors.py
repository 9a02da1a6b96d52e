"""Every class of errors, as the database really raises it."""

import pytest
from psycopg import Connection

from skillmeat.catalogue import (
    create_collection,
    create_token,
    delete_collection,
    get_collection,
    list_artifacts,
)
from skillmeat.errors import (
    CannotConnect,
    DatabaseError,
    Duplicate,
    InvalidValue,
    NotAllowed,
    NotMigrated,
    NotPopulated,
    Retry,
    SkillMeatError,
    UnknownArtifact,
    UnknownArtifactType,
    UnknownCollection,
    UnknownGroup,
    UnknownKey,
    UnknownTag,
    UnknownToken,
    translate_errors,
)

OWN_SQLSTATES: dict[str, type[SkillMeatError]] = {
    "SM001": UnknownCollection,
    "SM002": UnknownArtifact,
    "SM003": UnknownGroup,
    "SM004": UnknownTag,
    "SM005": UnknownArtifactType,
    "SM006": UnknownToken,
}
STATEMENTS: tuple[tuple[str, type[SkillMeatError], str | None], ...] = (
    ("do $$ begin raise sqlstate '08006' using message = 'x'; end $$", CannotConnect, "08006"),
    ("do $$ begin raise sqlstate '28000' using message = 'x'; end $$", CannotConnect, "28000"),
    ("do $$ begin raise sqlstate '3D000' using message = 'x'; end $$", CannotConnect, "3D000"),
    ("do $$ begin raise sqlstate '57P03' using message = 'x'; end $$", CannotConnect, "57P03"),
    ("set role skillmeat_reader; delete from collections", NotAllowed, "42501"),
    ("insert into artifact_types (type) values ('skill')", Duplicate, "23505"),
    ("insert into artifacts (type, name) values ('spell', 'x')", UnknownArtifactType, "23503"),
    ("insert into artifacts (type, name) values ('skill', '')", InvalidValue, "23514"),
    ("insert into artifacts (type, name) values ('skill', null)", InvalidValue, "23502"),
    ("select 'x'::int", InvalidValue, "22P02"),
    ("select 1 / 0", InvalidValue, "22012"),
    *(
        (f"do $$ begin raise sqlstate '{code}' using message = 'x'; end $$", error, code)
        for code, error in OWN_SQLSTATES.items()
    ),
    ("do $$ begin raise serialization_failure; end $$", Retry, "40001"),
    ("do $$ begin raise deadlock_detected; end $$", Retry, "40P01"),
    ("do $$ begin raise lock_not_available; end $$", Retry, "55P03"),
    ("select 1 from nowhere", NotMigrated, None),
    ("select nothing from artifacts", NotMigrated, None),
    ("select no_function()", NotMigrated, None),
    ("select 1 from nowhere.nothing", NotMigrated, None),
    ("selec", DatabaseError, "42601"),
    ("set statement_timeout = 1; select pg_sleep(9)", DatabaseError, "57014"),
)


@pytest.mark.parametrize(
    ("statement", "error", "sqlstate"), STATEMENTS, ids=[each[0][:40] for each in STATEMENTS]
)
def test_each_sqlstate_raises_its_class_with_a_message_of_one_line(
    conn: Connection, statement: str, error: type[SkillMeatError], sqlstate: str | None
) -> None:
    with pytest.raises(SkillMeatError) as refused, translate_errors():
        conn.execute(statement)

    assert type(refused.value) is error
    assert getattr(refused.value, "sqlstate", None) == sqlstate
    assert str(refused.value)
    assert str(refused.value).isprintable()


def test_the_error_of_an_empty_snapshot_names_the_command_that_fills_it(conn: Connection) -> None:
    conn.execute("refresh materialized view artifact_summaries_snapshot with no data")
    try:
        with (
            pytest.raises(NotPopulated, match="run `skillmeat refresh`") as refused,
            translate_errors(),
        ):
            conn.execute("select * from artifact_summaries")
    finally:
        conn.execute("refresh materialized view artifact_summaries_snapshot")

    assert refused.value.sqlstate == "55000"


def test_another_error_55000_is_not_reported_as_an_empty_snapshot(conn: Connection) -> None:
    with pytest.raises(DatabaseError) as refused, translate_errors():
        conn.execute("select lastval()")

    assert (type(refused.value), refused.value.sqlstate) == (DatabaseError, "55000")


def test_the_message_contains_the_hint_and_the_detail(conn: Connection) -> None:
    statement = """
        do $$ begin
            raise exception 'What' using
                detail = E'Why\n  so', hint = E'Do\tthis', errcode = '22000';
        end $$
    """

    with pytest.raises(InvalidValue) as refused, translate_errors():
        conn.execute(statement)

    assert str(refused.value) == "What: Why so: Do this"


@pytest.mark.parametrize("role", ["skillmeat_reader", "pg_monitor"])
def test_an_error_for_lack_of_privileges_says_which_role_to_connect_as(
    conn: Connection, role: str
) -> None:
    # The second role may not use the schema, which therefore looks empty to it.
    with pytest.raises(SkillMeatError, match=r"connect as .*a role that"), translate_errors():
        conn.execute(f"set role {role}; delete from collections")


def test_a_refused_value_is_quoted_without_control_characters(conn: Connection) -> None:
    with pytest.raises(UnknownArtifactType) as refused, translate_errors():
        conn.execute("insert into artifacts (type, name) values (e'\x1b[31mred\x07', 'x')")

    assert r"\x1b[31mred\x07" in str(refused.value)


def test_an_error_names_the_constraint(conn: Connection) -> None:
    create_collection(conn, name="x")

    with pytest.raises(Duplicate) as refused:
        create_collection(conn, name="x")

    assert refused.value.constraint == "collections_name_is_unique"
    assert isinstance(refused.value.__cause__, Exception)


def test_a_token_of_an_unknown_scope_is_refused_without_its_hash(conn: Connection) -> None:
    with pytest.raises(InvalidValue) as refused:
        create_token(conn, name="t", scope="all")  # type: ignore[arg-type]

    assert str(refused.value) == "the scope of a token is read or write"


def test_a_failed_transaction_is_reported_in_one_line(conn: Connection) -> None:
    with conn.transaction(force_rollback=True):
        with pytest.raises(InvalidValue):
            create_collection(conn, name="")
        with pytest.raises(DatabaseError, match="aborted") as refused:
            get_collection(conn, "x")

    assert refused.value.sqlstate == "25P02"


def test_a_closed_connection_is_reported(conn: Connection) -> None:
    conn.close()

    with pytest.raises(CannotConnect, match="closed"):
        delete_collection(conn, "x")


FOREIGN_KEYS = """
    select c.conname, p.relname
    from pg_constraint as c
    inner join pg_class as p on p.oid = c.confrelid
    where c.contype = 'f' and c.connamespace = 'skillmeat'::regnamespace
"""
CLASSES_BY_TABLE = {
    "artifact_types": UnknownArtifactType,
    "artifacts": UnknownArtifact,
    "collection_artifacts": UnknownArtifact,
    "collections": UnknownCollection,
    "groups": UnknownGroup,
    # Only an import writes the record of sources, and it names no source that is missing.
    "sources": UnknownKey,
    "tags": UnknownTag,
}


def test_a_broken_foreign_key_raises_the_class_of_the_table_it_refers_to(conn: Connection) -> None:
    for name, table in conn.execute(FOREIGN_KEYS).fetchall():
        statement = (
            "do $$ begin raise foreign_key_violation"
            f" using message = 'x', constraint = '{name}'; end $$"
        )
        with pytest.raises(UnknownKey) as refused, translate_errors():
            conn.execute(statement)

        assert type(refused.value) is CLASSES_BY_TABLE[table], name
        assert (refused.value.sqlstate, refused.value.constraint) == ("23503", name)


def test_a_broken_foreign_key_of_another_table_raises_unknown_key(conn: Connection) -> None:
    statement = "do $$ begin raise foreign_key_violation using message = 'x'; end $$"

    with pytest.raises(UnknownKey) as refused, translate_errors():
        conn.execute(statement)

    assert type(refused.value) is UnknownKey


@pytest.mark.parametrize("state", ["57P01", "57P02", "57P03"])
def test_a_server_that_stops_is_told_with_the_way_out(conn: Connection, state: str) -> None:
    with pytest.raises(CannotConnect, match=r"connect again when it runs$"), translate_errors():
        conn.execute(f"do $$ begin raise sqlstate '{state}' using message = 'x'; end $$")


def test_a_refusal_with_a_hint_of_its_own_gets_no_other(conn: Connection) -> None:
    # As the fence of a copy that has moved.
    refusal = "raise cannot_connect_now using message = 'it has moved', hint = 'Connect there.'"

    with pytest.raises(CannotConnect) as refused, translate_errors():
        conn.execute(f"do $$ begin {refusal}; end $$")

    assert str(refused.value) == "it has moved: Connect there."


@pytest.mark.parametrize("time", ["infinity", "-infinity", "0044-03-15 BC", "12026-01-01"])
def test_a_time_that_python_lacks_is_named_with_its_cure(small: Connection, time: str) -> None:
    small.execute("update artifacts set added_at = %s", [time])

    with pytest.raises(InvalidValue, match="in psql, set added_at") as refused:
        list_artifacts(small)

    assert refused.value.sqlstate == "22008"
