"""What should be beside what is."""

from collections.abc import Iterable
from dataclasses import dataclass

from psycopg.sql import Literal

from skillmeat.migration.schema_diff.introspection import Catalogue, Facts


@dataclass(frozen=True, slots=True)
class Difference:
    """An object that is not as its revision installs it.

    `problem` says what is wrong with it, `mend` are the statements that mend it, one after the
    other, none where no statement can.
    """

    kind: str
    name: str
    problem: str
    mend: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """The catalogue that the revision installs, and the one that was found.

    `owner` is who should own all of it and `user` who asks, both as SQL writes them.
    """

    expected: Catalogue
    actual: Catalogue
    owner: str
    user: str

    def both(self, kind: str) -> Iterable[tuple[str, Facts, Facts]]:
        """Objects of a kind that are there and should be: their names, what should be, what is."""
        for name, expected in self.expected[kind].items():
            if name in self.actual[kind]:
                yield name, expected, self.actual[kind][name]

    def missing(self, kind: str) -> Iterable[tuple[str, Facts]]:
        """Objects of a kind that should be there, unless their table or view is missing too."""
        for name, expected in self.expected[kind].items():
            if name not in self.actual[kind] and self.has_relation(expected):
                yield name, expected

    def unexpected(self, kind: str) -> Iterable[tuple[str, Facts]]:
        """Objects of a kind that should not be on our tables and views."""
        for name, actual in self.actual[kind].items():
            if name not in self.expected[kind]:
                yield name, actual

    def has_relation(self, facts: Facts) -> bool:
        """Whether the table or view that an object is on is there."""
        return facts.get("relation") is None or facts["relation"] in self.actual["relation"]

    def owned(self, what: str) -> tuple[str, ...]:
        """What makes a new object the owner's, if who makes it is somebody else."""
        return () if self.owner == self.user else (f"alter {what} owner to {self.owner}",)


def is_same(expected: Facts, actual: Facts) -> bool:
    """Whether a definition is the revision's, as its migration or as a restored dump tells it."""
    return actual["definition"] in (expected["definition"], expected.get("restored"))


def commented(what: str, comment: str | None) -> tuple[str, ...]:
    """What gives a new object its comment."""
    return () if comment is None else (commenting(what, comment),)


def commenting(what: str, comment: str | None) -> str:
    """The statement that sets or removes a comment."""
    text = "null" if comment is None else Literal(comment).as_string().strip()
    return f"comment on {what} is {text}"
