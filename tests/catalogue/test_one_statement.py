"""Every read is one SELECT; every write is one statement, with two exceptions."""

import pytest
from psycopg import Connection
from psycopg._queries import MAX_CACHED_STATEMENT_LENGTH

from skillmeat import catalogue
from skillmeat.api import queries
from skillmeat.catalogue import create_token, get_collection
from skillmeat.database.query import Statement
from skillmeat.database.recording import QueryStats, record
from tests.catalogue.calls import READS, TOKENS, WRITES
from tests.catalogue.traffic import traffic

# A bulk write stages its rows first; a replacement locks its artifact first.
SEVERAL_STATEMENTS = ("put_artifacts", "replace_tags")
# The statement of a list with all filters at once is parsed at each execution.
EVERY_FILTER = "queries.list_artifacts, filtered"


def test_every_function_of_the_catalogue_is_called_here() -> None:
    called = {name.partition(",")[0] for name in (*READS, *WRITES, *TOKENS)}

    # Two send no statement; the others are the parts of `put_artifacts`.
    assert {name for name in catalogue.__all__ if name.islower()} - called == {
        "hash_secret",
        "merge_artifacts",
        "slugify",
        "stage_artifacts",
    }


def test_every_document_of_the_api_is_read_here() -> None:
    called = {name.partition(",")[0] for name in READS}

    assert {f"queries.{name}" for name in queries.__all__ if name.islower()} <= called


@pytest.mark.parametrize("name", READS)
def test_each_read_is_one_select_in_a_read_only_transaction(
    furnished: Connection, name: str
) -> None:
    furnished.execute("set default_transaction_read_only = on")

    with traffic(furnished) as sent:
        READS[name](furnished)

    assert sent.statements == 1


@pytest.mark.parametrize("name", sorted(WRITES.keys() - {*SEVERAL_STATEMENTS}))
def test_each_write_is_one_statement(furnished: Connection, name: str) -> None:
    looked_up = name in {"delete_tag", "edit_tag", "tag_artifacts", "untag_artifacts"}

    with traffic(furnished) as sent:
        WRITES[name](furnished)

    assert sent.statements == 1 + looked_up


@pytest.mark.parametrize("name", TOKENS)
def test_each_call_for_tokens_is_one_statement(furnished: Connection, name: str) -> None:
    with furnished.transaction(force_rollback=True):
        create_token(furnished, name="old")
        with traffic(furnished) as sent:
            TOKENS[name](furnished)

    assert sent.statements == 1


def test_the_trace_counts_each_statement(furnished: Connection) -> None:
    with traffic(furnished) as sent:
        get_collection(furnished, "one")
        furnished.execute("select 1; select 2")
        with furnished.transaction():
            get_collection(furnished, "one")

    assert sent.statements == 5


def test_psycopg_parses_the_statement_of_a_read_once(furnished: Connection) -> None:
    lengths: dict[str, int] = {}

    for name in READS.keys() - {EVERY_FILTER}:

        def keep_length(statement: Statement, _: object, name: str = name) -> None:
            text = statement if isinstance(statement, bytes | str) else statement.as_string()
            lengths[name] = len(text)

        with record(furnished, QueryStats(), on_statement=keep_length):
            READS[name](furnished)

    assert not {name: n for name, n in lengths.items() if n > MAX_CACHED_STATEMENT_LENGTH}
