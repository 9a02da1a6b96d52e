"""The declarative base of the tables, and their shared domains, ids, counts and times."""

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, DateTime, MetaData, Text, func, text
from sqlalchemy.dialects.postgresql import DOMAIN
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.sql.operators import OperatorClass

ID = Text(collation="C")


class TextDomain(DOMAIN):
    """A domain over text that SQLAlchemy compares as text."""

    operator_classes = OperatorClass.STRING


def build_domain(name: str, *, constraint: str, check: str) -> TextDomain:
    """Build a domain: its check runs only in statements that write the column."""
    return TextDomain(name, Text(), collation="C", constraint_name=constraint, check=check)


# Spaces, and the characters without width.
INVISIBLE = (
    r" \u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f"
    r"\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0"
)
PRINTABLE = (
    r"value !~ '[\u0001-\u001f\u007f-\u009f]'"
    f" and value ~ '[^{INVISIBLE}]' and value = btrim(value)"
)
NAME = build_domain(
    "catalogue_name",
    constraint="name_is_short_printable_and_trimmed",
    check=f"char_length(value) between 1 and 255 and {PRINTABLE}",
)
TAG_NAME = build_domain(
    "tag_name",
    constraint="tag_is_short_printable_and_trimmed",
    check=f"char_length(value) between 1 and 100 and {PRINTABLE}",
)
TYPE_NAME = build_domain(
    "type_name",
    constraint="type_is_an_identifier",
    check="value ~ '^[a-z][a-z0-9_]*$' and char_length(value) <= 255",
)
# A CHECK of the table would be evaluated in every settling commit.
COUNT: DOMAIN = DOMAIN(
    "settled_count", BigInteger(), constraint_name="count_is_not_negative", check="value >= 0"
)
NEW_ID = text("replace(gen_random_uuid()::text, '-', '')")
NEW_KEY = text("hashtextextended(gen_random_uuid()::text, 0)")

# Free space on each page lets a settled count replace its row in place (a HOT update).
COUNT_STORAGE = {"fillfactor": 70}


class Base(DeclarativeBase):
    """The declarative base of every table here."""

    metadata = MetaData(naming_convention={"pk": "%(table_name)s_pkey"})
    type_annotation_map = {str: Text(), datetime: DateTime(timezone=True), int: BigInteger()}  # noqa: RUF012


def map_count() -> Mapped[int]:
    """Map a settled count."""
    comment = (
        "The settled count, without pending changes; the exact count is in the view of "
        "summaries, such as collection_summaries."
    )
    return mapped_column(COUNT, server_default=text("0"), comment=comment)


def map_count_key() -> Mapped[int]:
    """Map the key of a count's pending changes; the default applies if no trigger sets it."""
    comment = "The key of this count's rows in count_changes."
    return mapped_column(BigInteger, server_default=NEW_KEY, comment=comment)


def map_time() -> Mapped[datetime]:
    """Map a time that defaults to the start of the transaction."""
    return mapped_column(server_default=func.now())


def map_is_imported() -> Mapped[bool]:
    """Map the mark of a row that an import added; a prune removes no other row."""
    comment = "Whether an import of folders added the row; a prune removes no other row."
    return mapped_column(Boolean, server_default=text("false"), comment=comment)
