"""The objects that a revision installs, the objects that were found, and a difference."""

from collections.abc import Iterable
from dataclasses import dataclass

from psycopg.sql import Literal

from skillmeat.migration.schema_diff.introspection import Facts, SchemaObjects


@dataclass(frozen=True, slots=True)
class Difference:
    """An object that differs from its revision.

    `problem` describes the difference. `statements` fix it, one after the other; there are none
    if no statement can.
    """

    kind: str
    name: str
    problem: str
    statements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The objects of the revision, and those of the installed schema.

    `owner` should own all of them, `user` runs the statements; both are quoted for SQL.
    """

    expected: SchemaObjects
    actual: SchemaObjects
    owner: str
    user: str

    def common(self, kind: str) -> Iterable[tuple[str, Facts, Facts]]:
        """Yield names, expected and actual facts of the objects that are in both."""
        for name, expected in self.expected[kind].items():
            if name in self.actual[kind]:
                yield name, expected, self.actual[kind][name]

    def missing(self, kind: str) -> Iterable[tuple[str, Facts]]:
        """Yield objects that should exist and do not, unless their table or view is missing too."""
        for name, expected in self.expected[kind].items():
            if name not in self.actual[kind] and self.has_relation(expected):
                yield name, expected

    def unexpected(self, kind: str) -> Iterable[tuple[str, Facts]]:
        """Yield objects that the revision does not have, on its own tables and views."""
        for name, actual in self.actual[kind].items():
            if name not in self.expected[kind]:
                yield name, actual

    def has_relation(self, facts: Facts) -> bool:
        """Return whether the table or view of an object exists."""
        return facts.get("relation") is None or facts["relation"] in self.actual["relation"]

    def set_owner(self, what: str) -> tuple[str, ...]:
        """Return the statement that gives a new object to the owner, if another user creates it."""
        return () if self.owner == self.user else (f"alter {what} owner to {self.owner}",)


def is_same(expected: Facts, actual: Facts) -> bool:
    """Return whether a definition is the revision's, after a migration or a restore of a dump."""
    return actual["definition"] in (expected["definition"], expected.get("restored"))


def comment_new_object(what: str, comment: str | None) -> tuple[str, ...]:
    """Return the statement that gives a new object its comment, if it has one."""
    return () if comment is None else (set_comment(what, comment),)


def set_comment(what: str, comment: str | None) -> str:
    """Return the statement that sets or removes a comment."""
    text = "null" if comment is None else Literal(comment).as_string().strip()
    return f"comment on {what} is {text}"
