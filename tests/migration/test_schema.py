"""The schemas in which a catalogue may be created, and the errors of a renamed schema."""

from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
from psycopg import Connection, errors, sql
from psycopg.conninfo import make_conninfo

import skillmeat
from skillmeat import migration
from skillmeat.errors import InvalidSchemaName, SkillMeatError
from tests.db.oracle import differences
from tests.db.sample import SAMPLE


@pytest.fixture
def stranger(empty_url: str) -> Iterator[str]:
    """Yield a role that owns no object of the catalogue."""
    name = f"stranger_{uuid4().hex}"
    role = sql.Identifier(name)
    with psycopg.connect(empty_url, autocommit=True) as owner:
        owner.execute(sql.SQL("create role {}").format(role))
        yield name
        owner.execute(sql.SQL("drop owned by {} cascade; drop role {}").format(role, role))


def test_a_schema_where_others_may_create_functions_is_refused(
    empty_url: str, stranger: str
) -> None:
    with psycopg.connect(empty_url, autocommit=True) as owner:
        owner.execute("create schema open")
        owner.execute("grant create on schema open to public")
        owner.execute(sql.SQL("grant create on schema open to {}").format(sql.Identifier(stranger)))

    with pytest.raises(SkillMeatError) as refused:
        migration.upgrade(url=empty_url, schema="open")

    assert str(refused.value).endswith(
        f"Choose another schema, or run: revoke create on schema open from public, {stranger}"
    )


def test_a_schema_that_another_role_made_first_is_refused(empty_url: str, stranger: str) -> None:
    with psycopg.connect(empty_url, autocommit=True) as owner:
        role, database = sql.Identifier(stranger), sql.Identifier(owner.info.dbname)
        owner.execute(sql.SQL("grant create on database {} to {}").format(database, role))
        owner.execute(sql.SQL("create role modest_{}").format(sql.SQL(stranger)))
        owner.execute(
            sql.SQL("create schema theirs authorization modest_{}").format(sql.SQL(stranger))
        )
    try:
        with pytest.raises(SkillMeatError, match="belongs to another role"):
            migration.upgrade(
                url=make_conninfo(empty_url, options=f"-c role={stranger}"), schema="theirs"
            )
    finally:
        with psycopg.connect(empty_url, autocommit=True) as owner:
            owner.execute(
                sql.SQL("drop schema theirs; drop role modest_{}").format(sql.SQL(stranger))
            )


def test_the_placeholder_for_the_role_is_not_a_schema_name(empty_url: str) -> None:
    with pytest.raises(InvalidSchemaName):
        migration.upgrade(url=empty_url, schema="$user")


def test_the_error_of_a_write_to_a_renamed_schema_names_the_command(
    conn: Connection, url: str
) -> None:
    conn.execute(SAMPLE)
    conn.execute("alter schema skillmeat rename to moved")

    with (
        skillmeat.connect(url, schema="moved") as renamed,
        pytest.raises(errors.ObjectNotInPrerequisiteState) as refused,
    ):
        renamed.execute("update artifacts set title = 'New' where id = 'skill:s1'")

    assert refused.value.diag.message_hint == "As its owner run: skillmeat migrate check --fix"


def test_a_renamed_schema_works_again_once_it_is_fixed(conn: Connection, url: str) -> None:
    conn.execute(SAMPLE)
    conn.execute("alter schema skillmeat rename to moved")

    fixed = migration.fix_schema(url=url, schema="moved")

    with skillmeat.connect(url, schema="moved", autocommit=True) as renamed:
        renamed.execute("delete from collection_artifacts where collection_id = 'p'")
        assert (fixed.remaining.differences, differences(renamed)) == ((), [])


def test_schemas_that_were_swapped_refuse_writes(conn: Connection, url: str) -> None:
    migration.upgrade(url=url, schema="other")
    conn.execute(SAMPLE)
    conn.execute("alter schema skillmeat rename to third")
    conn.execute("alter schema other rename to skillmeat")
    conn.execute("alter schema third rename to other")

    with (
        skillmeat.connect(url, schema="other") as swapped,
        pytest.raises(errors.ObjectNotInPrerequisiteState, match="schema other was renamed"),
    ):
        swapped.execute("delete from collection_artifacts")
