"""The page on logical replication publishes what a move does."""

import re

from skillmeat.models import Base
from skillmeat.moving import INSERT_ONLY_TABLES, LOCAL_TABLES, list_copied_tables
from tests.docs.blocks import ROOT

PAGE = ROOT / "docs" / "how-to" / "replicate-logically.md"


def test_the_page_on_replication_publishes_every_copied_table() -> None:
    published = re.search(r"create publication catalogue for table([^;]*);", PAGE.read_text())

    assert published is not None
    assert tuple(published[1].replace(",", " ").split()) == list_copied_tables()


def test_every_table_is_copied_or_apart_for_a_reason() -> None:
    apart = {*LOCAL_TABLES, *INSERT_ONLY_TABLES}

    assert {*list_copied_tables(), *apart} == {*Base.metadata.tables, "alembic_version"}
    assert not apart & {*list_copied_tables()}
