"""Every read is one SELECT; every write is one statement, with two exceptions."""

import pytest
from psycopg import Connection

from skillmeat.api import queries
from skillmeat.catalogue import get_collection
from tests.catalogue.calls import READS, WRITES
from tests.catalogue.traffic import traffic

# A bulk write stages its rows first; a replacement locks its artifact first.
SEVERAL_STATEMENTS = ("put_artifacts", "replace_tags")


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


def test_the_trace_counts_each_statement(furnished: Connection) -> None:
    with traffic(furnished) as sent:
        get_collection(furnished, "one")
        furnished.execute("select 1; select 2")
        with furnished.transaction():
            get_collection(furnished, "one")

    assert sent.statements == 5
