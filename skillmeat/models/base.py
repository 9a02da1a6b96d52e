"""What the tables share: names, domains, counts, times and the declarative base."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, DateTime, MetaData, Text, func, text
from sqlalchemy.dialects.postgresql import DOMAIN
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.sql.operators import OperatorClass

ID = Text(collation="C")


class TextDomain(DOMAIN):
    """A domain over text: SQLAlchemy must be told that what compares texts compares these."""

    operator_classes = OperatorClass.STRING


def domain(name: str, *, constraint: str, check: str) -> TextDomain:
    """A text that is checked when it is written, and not again whenever its row's counts are."""
    return TextDomain(name, Text(), collation="C", constraint_name=constraint, check=check)


PRINTABLE = "value !~ '[\\u0001-\\u001f\\u007f-\\u009f]' and value = btrim(value)"
NAME = domain(
    "catalogue_name",
    constraint="name_is_short_printable_and_trimmed",
    check=f"char_length(value) between 1 and 255 and {PRINTABLE}",
)
TAG_NAME = domain(
    "tag_name",
    constraint="tag_is_short_printable_and_trimmed",
    check=f"char_length(value) between 1 and 100 and {PRINTABLE}",
)
TYPE_NAME = domain(
    "type_name",
    constraint="type_is_an_identifier",
    check="value ~ '^[a-z][a-z0-9_]*$' and char_length(value) <= 255",
)
NEW_ID = text("replace(gen_random_uuid()::text, '-', '')")
NEW_KEY = text("hashtextextended(gen_random_uuid()::text, 0)")

# Room on each page lets a settled count replace its row in place (a HOT update).
COUNTED = {"fillfactor": 70}


class Base(DeclarativeBase):
    """The declarative base of every table here."""

    metadata = MetaData(naming_convention={"pk": "%(table_name)s_pkey"})
    type_annotation_map = {str: Text(), datetime: DateTime(timezone=True), int: BigInteger()}  # noqa: RUF012


def settled_count(column: str, *, of: str) -> CheckConstraint:
    """A constraint on `column`: a settled count is never negative."""
    return CheckConstraint(f"{column} >= 0", name=f"{of}_{column}_is_not_negative")


def count() -> Mapped[int]:
    """Map a settled count."""
    return mapped_column(BigInteger, server_default=text("0"))


def count_key() -> Mapped[int]:
    """Map the key of a count's pending changes; a trigger draws it, or this where none may fire."""
    return mapped_column(BigInteger, server_default=NEW_KEY)


def now() -> Mapped[datetime]:
    """Map a time that is the transaction's unless given."""
    return mapped_column(server_default=func.now())
