"""Owners, grants and comments."""

from collections.abc import Callable, Iterator, Sequence

from skillmeat.migration.schema_diff.difference import Compared, Difference, commenting
from skillmeat.migration.schema_diff.introspection import OWNER, PUBLIC, Facts

Grant = tuple[str, str, bool]

# How SQL names the objects of a kind.
NAMED: dict[str, Callable[[Facts], str]] = {
    "schema": lambda facts: f"schema {facts['identity']}",
    "relation": lambda facts: f"{facts['kind']} {facts['identity']}",
    "sequence": lambda facts: f"sequence {facts['identity']}",
    "domain": lambda facts: f"domain {facts['identity']}",
    "function": lambda facts: f"{facts['kind']} {facts['identity']}",
    "column": lambda facts: f"column {facts['of']}.{facts['column']}",
    "constraint": lambda facts: f"constraint {facts['constraint']} on {commented_on(facts['of'])}",
    "index": lambda facts: f"index {facts['identity']}",
    "trigger": lambda facts: f"trigger {facts['trigger']} on {facts['of']}",
}
GRANTED = ("schema", "relation", "column", "sequence", "domain", "function")
OWNED = ("relation", "sequence", "domain", "function")
COMMENTED = tuple(kind for kind in NAMED if kind != "schema")


def commented_on(of: str) -> str:
    """COMMENT ON CONSTRAINT says `on t` and `on domain d`."""
    return of.removeprefix("table ")


def word(kind: str, facts: Facts) -> str:
    """What people call an object of a kind."""
    return str(facts["kind"]) if kind in ("relation", "function") else kind


def owners(compared: Compared) -> Iterator[Difference]:
    """Objects that belong to somebody else than the rest."""
    for kind in OWNED:
        for name, _, actual in compared.both(kind):
            # The sequence of a column follows its table.
            if actual["owner"] != compared.owner and not actual.get("is of a column"):
                yield Difference(
                    word(kind, actual),
                    name,
                    f"belongs to {actual['owner']}, not to {compared.owner}",
                    (f"alter {NAMED[kind](actual)} owner to {compared.owner}",),
                )


def grants(compared: Compared) -> Iterator[Difference]:
    """Privileges that somebody has and should not have, or lacks."""
    for kind in GRANTED:
        for name, expected, actual in compared.both(kind):
            wanted, found = granted(expected), granted(actual)
            if kind == "schema" and name == "public":
                # PostgreSQL itself lets everybody in.
                found.discard((PUBLIC, "USAGE", False))
            for grant in sorted(found - wanted):
                if passing(grant) not in wanted:
                    mend = _taken_back(compared, kind, name, grant, wanted)
                    problem = _shown(grant, "may", compared.owner)
                    yield Difference(word(kind, actual), name, problem, mend)
            for grant in sorted(wanted - found):
                if passing(grant) not in found:
                    mend = (granting(kind, expected, grant, owner=compared.owner),)
                    problem = _shown(grant, "may not", compared.owner)
                    yield Difference(word(kind, actual), name, problem, mend)


def _shown(grant: Grant, may: str, owner: str) -> str:
    grantee, privilege, passes = grant
    who = f"its owner {owner}" if grantee == OWNER else grantee
    return f"{who} {may} {privilege}" + (" and pass it on" if passes else "")


def passing(grant: Grant) -> Grant:
    """The grant with the right to pass it on, which includes the one without."""
    return (*grant[:2], True)


def granted(facts: Facts) -> set[Grant]:
    """Who may do what to an object, and whether they may pass it on; its owner may anyway."""
    return {
        (grantee, privilege, passes and grantee != OWNER)
        for grantee, privilege, passes in facts["grants"]
        if grantee != OWNER or "column" not in facts
    }


def granting(kind: str, facts: Facts, grant: Grant, *, owner: str) -> str:
    """The statement that grants a privilege."""
    grantee, privilege, passes = grant
    ending = " with grant option" if passes else ""
    return f"grant {privilege}{_on(kind, facts)} to {_role(grantee, owner)}{ending}"


def _taken_back(
    compared: Compared, kind: str, name: str, grant: Grant, wanted: set[Grant]
) -> tuple[str, ...]:
    grantee, privilege, _ = grant
    is_wanted = (grantee, privilege, False) in wanted
    facts = compared.expected[kind][name]
    revoke = revoking(kind, facts, grant, only_passing=is_wanted, owner=compared.owner)
    if kind != "relation" or is_wanted:
        return (revoke,)
    # What is taken back of a table is taken back of its columns too.
    return revoke, *(
        granting("column", column, each, owner=compared.owner)
        for column in compared.expected["column"].values()
        if column["relation"] == name
        for each in granted(column)
        if each[:2] == (grantee, privilege)
    )


def revoking(kind: str, facts: Facts, grant: Grant, *, only_passing: bool, owner: str) -> str:
    """The statement that takes a privilege back, and from those whom it was passed on to."""
    grantee, privilege, _ = grant
    beginning = "grant option for " if only_passing else ""
    return f"revoke {beginning}{privilege}{_on(kind, facts)} from {_role(grantee, owner)} cascade"


def given(kind: str, facts: Facts, *, owner: str) -> tuple[str, ...]:
    """What gives a new object its privileges."""
    mine: Sequence[Grant] = sorted(each for each in granted(facts) if each[0] != OWNER)
    public = any(grantee == PUBLIC for grantee, _, _ in mine)
    first = () if kind != "function" or public else (f"revoke all{_on(kind, facts)} from PUBLIC",)
    return (*first, *(granting(kind, facts, each, owner=owner) for each in mine))


def comments(compared: Compared) -> Iterator[Difference]:
    """Objects with another comment, or none."""
    for kind in COMMENTED:
        for name, expected, actual in compared.both(kind):
            if expected["comment"] != actual["comment"]:
                yield Difference(
                    word(kind, actual),
                    name,
                    "its comment is not the revision's",
                    (commenting(NAMED[kind](expected), expected["comment"]),),
                )


def _on(kind: str, facts: Facts) -> str:
    match kind:
        case "column":
            return f" ({facts['column']}) on {facts['of']}"
        case "relation":
            return f" on {facts['identity']}"
        case _:
            return f" on {kind} {facts['identity']}"


def _role(grantee: str, owner: str) -> str:
    return owner if grantee == OWNER else grantee
