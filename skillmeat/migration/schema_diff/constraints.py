"""Constraints and indexes."""

from collections.abc import Iterable, Iterator

from skillmeat.migration.schema_diff.difference import Compared, Difference, commented, is_same
from skillmeat.migration.schema_diff.introspection import Facts

UNPROVED = " NOT VALID"


def extra_constraints(compared: Compared) -> Iterator[Difference]:
    """Constraints and unique indexes that refuse what the revision accepts."""
    for name, actual in _foreign_first(compared.unexpected("constraint")):
        if actual["domain"] and actual["domain"] not in compared.expected["domain"]:
            continue
        yield Difference(
            "constraint",
            name,
            f"is not the revision's: {actual['definition']}",
            (*_freed(compared, actual), _dropping(actual)),
        )
    for name, actual in compared.unexpected("index"):
        if actual["is unique"]:
            yield Difference(
                "index",
                name,
                "is unique and not the revision's",
                (f"drop index if exists {actual['identity']}",),
            )


def constraints(compared: Compared) -> Iterator[Difference]:
    """Constraints that are missing, unproved, unenforced or of another definition."""
    order = sorted(compared.expected["constraint"].items(), key=lambda each: each[1]["is foreign"])
    for name, expected in order:
        actual = compared.actual["constraint"].get(name)
        if actual is None:
            if compared.has_relation(expected) and _has_domain(compared, expected):
                yield Difference("constraint", name, "is missing", _made(expected))
            continue
        problem = _problem(expected, actual)
        if problem is None:
            continue
        if is_unproved(expected, actual):
            mend: tuple[str, ...] = (_validating(expected),)
        elif expected["is key"]:
            referring = _referring(compared, actual)
            mend = (
                *_freed(compared, actual),
                *_made(expected),
                *(each for facts in referring for each in _made(facts)),
            )
        else:
            mend = _made(expected)
        yield Difference("constraint", name, problem, mend)


def is_unproved(expected: Facts, actual: Facts) -> bool:
    """Whether nothing is wrong with a constraint but that it is not validated."""
    definition = actual["definition"].removesuffix(UNPROVED)
    return definition != actual["definition"] and is_same(expected, {"definition": definition})


def _problem(expected: Facts, actual: Facts) -> str | None:
    if is_unproved(expected, actual):
        return "is not validated: rows from before it may break it"
    if not is_same(expected, actual):
        return f"is {actual['definition']}, not {expected['definition']}"
    if actual["rests on"] != expected["rests on"]:
        return f"rests on {actual['rests on']}, not on {expected['rests on']}"
    if actual["disabled triggers"]:
        return "is not enforced: triggers of it are disabled"
    if actual["index is valid"] is False:
        return "is not enforced: its index is invalid"
    return None


def indexes(compared: Compared) -> Iterator[Difference]:
    """Indexes that are missing, invalid or of another definition."""
    for name, expected in compared.expected["index"].items():
        if not compared.has_relation(expected):
            continue
        actual = compared.actual["index"].get(name)
        if actual is None:
            problem = "is missing"
        elif actual["definition"] != expected["definition"]:
            problem = f"is {actual['definition']}"
        elif not actual["is valid"]:
            problem = "is invalid: no query uses it"
        else:
            continue
        yield Difference(
            "index",
            name,
            problem,
            (f"drop index if exists {expected['identity']}", *indexed(expected)),
        )


def indexed(expected: Facts) -> tuple[str, ...]:
    """What makes an index."""
    return (
        expected["definition"],
        *commented(f"index {expected['identity']}", expected["comment"]),
    )


def _made(facts: Facts) -> tuple[str, ...]:
    of, name = facts["of"], facts["constraint"]
    adding = f"alter {of} add constraint {name} {facts['definition']}"
    comment = commented(f"constraint {name} on {of.removeprefix('table ')}", facts["comment"])
    if facts["is key"]:
        return (_dropping(facts), adding, *comment)
    # Writers wait while it is added, not while it is proved.
    return (_dropping(facts), adding + UNPROVED, _validating(facts), *comment)


def _validating(facts: Facts) -> str:
    return f"alter {facts['of']} validate constraint {facts['constraint']}"


def _dropping(facts: Facts) -> str:
    return f"alter {facts['of']} drop constraint if exists {facts['constraint']}"


def _freed(compared: Compared, key: Facts) -> tuple[str, ...]:
    # A key cannot be dropped under foreign keys; those of others are theirs to drop.
    return tuple(_dropping(facts) for facts in _referring(compared, key))


def _referring(compared: Compared, key: Facts) -> list[Facts]:
    return [
        compared.expected["constraint"][name]
        for name, facts in compared.actual["constraint"].items()
        if facts["is foreign"]
        and facts["rests on"] == key["identity"]
        and name in compared.expected["constraint"]
    ]


def _foreign_first(found: Iterable[tuple[str, Facts]]) -> list[tuple[str, Facts]]:
    return sorted(found, key=lambda each: not each[1]["is foreign"])


def _has_domain(compared: Compared, facts: Facts) -> bool:
    return facts["domain"] is None or facts["domain"] in compared.actual["domain"]
