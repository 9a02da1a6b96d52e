"""Compare owners, grants and comments."""

from collections.abc import Callable, Collection, Iterator, Sequence

from skillmeat.migration.schema_diff.difference import Comparison, Difference, set_comment
from skillmeat.migration.schema_diff.introspection import OWNER, PUBLIC, Facts, SchemaObjects

Grant = tuple[str, str, bool]

# How SQL names the objects of a kind.
OBJECT_NAMES: dict[str, Callable[[Facts], str]] = {
    "schema": lambda facts: f"schema {facts['identity']}",
    "relation": lambda facts: f"{facts['kind']} {facts['identity']}",
    "sequence": lambda facts: f"sequence {facts['identity']}",
    "domain": lambda facts: f"domain {facts['identity']}",
    "function": lambda facts: f"{facts['kind']} {facts['identity']}",
    "column": lambda facts: f"column {facts['of']}.{facts['column']}",
    "constraint": lambda facts: (
        f"constraint {facts['constraint']} on {_comment_target(facts['of'])}"
    ),
    "index": lambda facts: f"index {facts['identity']}",
    "trigger": lambda facts: f"trigger {facts['trigger']} on {facts['of']}",
}
GRANTED = ("schema", "relation", "column", "sequence", "domain", "function")
OWNED = ("relation", "sequence", "domain", "function")
COMMENTED = tuple(kind for kind in OBJECT_NAMES if kind != "schema")


def _comment_target(of: str) -> str:
    """Return the target of COMMENT ON CONSTRAINT: `t` for a table, `domain d` for a domain."""
    return of.removeprefix("table ")


def _format_kind(kind: str, facts: Facts) -> str:
    """Return the word for an object of a kind in a message."""
    return str(facts["kind"]) if kind in ("relation", "function") else kind


def compare_owners(comparison: Comparison) -> Iterator[Difference]:
    """Yield objects that have another owner than the rest, and a schema of an unrelated role.

    The owner of the schema may create functions in it, which the catalogue's own could call.
    """
    for name, _, actual in comparison.common("schema"):
        if comparison.owner not in actual["owners"]:
            yield Difference(
                "schema",
                name,
                f"belongs to {actual['owner']}, not to {comparison.owner}",
                (
                    f"alter schema {actual['identity']} owner to {comparison.owner}",
                    f"grant all on schema {actual['identity']} to {comparison.owner}",
                ),
            )
    for kind in OWNED:
        for name, _, actual in comparison.common(kind):
            # The sequence of a column follows its table.
            if actual["owner"] != comparison.owner and not actual.get("is of a column"):
                yield Difference(
                    _format_kind(kind, actual),
                    name,
                    f"belongs to {actual['owner']}, not to {comparison.owner}",
                    (f"alter {OBJECT_NAMES[kind](actual)} owner to {comparison.owner}",),
                )


def keep_grants_to(expected: SchemaObjects, roles: Collection[str]) -> SchemaObjects:
    """Return `expected` with no grants but those to the owner and to `roles`.

    Every other grant is the database's own, by ALTER DEFAULT PRIVILEGES or an event trigger.
    """
    granted = (OWNER, *roles)

    def keep(facts: Facts) -> Facts:
        if "grants" not in facts:
            return facts
        return {**facts, "grants": [each for each in facts["grants"] if each[0] in granted]}

    return SchemaObjects(
        {
            kind: {name: keep(facts) for name, facts in named.items()}
            for kind, named in expected.objects.items()
        },
        expected.needs,
    )


def compare_grants(comparison: Comparison) -> Iterator[Difference]:
    """Yield the privileges of a role that differ from the revision."""
    for kind in GRANTED:
        for name, expected, actual in comparison.common(kind):
            wanted, found = _read_grants(expected), _read_grants(actual)
            if kind == "domain" or (kind == "schema" and name == "public"):
                # PostgreSQL itself grants this, and it opens no row.
                found.discard((PUBLIC, "USAGE", False))
            if kind == "schema":
                # An administrator's schema, in which the owner of the objects may create them.
                found = {each for each in found if each[0] != comparison.owner}
            for grant in sorted(found - wanted):
                if _with_grant_option(grant) not in wanted:
                    statements = _revoke_excess(comparison, kind, name, grant, wanted)
                    problem = _format_grant(grant, "may", comparison.owner)
                    yield Difference(_format_kind(kind, actual), name, problem, statements)
            for grant in sorted(wanted - found):
                if _with_grant_option(grant) not in found:
                    statements = (_grant_privilege(kind, expected, grant, owner=comparison.owner),)
                    problem = _format_grant(grant, "may not", comparison.owner)
                    yield Difference(_format_kind(kind, actual), name, problem, statements)


def _format_grant(grant: Grant, may: str, owner: str) -> str:
    grantee, privilege, passes = grant
    grantee_name = f"its owner {owner}" if grantee == OWNER else grantee
    return f"{grantee_name} {may} {privilege}" + (" and pass it on" if passes else "")


def _with_grant_option(grant: Grant) -> Grant:
    """Return the grant with grant option, which includes the grant without it."""
    return (*grant[:2], True)


def _read_grants(facts: Facts) -> set[Grant]:
    """Return grantee, privilege and grant option of each grant; an owner needs no grant option."""
    return {
        (grantee, privilege, passes and grantee != OWNER)
        for grantee, privilege, passes in facts["grants"]
        if grantee != OWNER or "column" not in facts
    }


def _grant_privilege(kind: str, facts: Facts, grant: Grant, *, owner: str) -> str:
    """Return the statement that grants a privilege."""
    grantee, privilege, passes = grant
    ending = " with grant option" if passes else ""
    return f"grant {privilege}{_on(kind, facts)} to {_role(grantee, owner)}{ending}"


def _revoke_excess(
    comparison: Comparison, kind: str, name: str, grant: Grant, wanted: set[Grant]
) -> tuple[str, ...]:
    grantee, privilege, _ = grant
    is_wanted = (grantee, privilege, False) in wanted
    facts = comparison.expected[kind][name]
    revoke = _revoke_privilege(
        kind, facts, grant, only_grant_option=is_wanted, owner=comparison.owner
    )
    if kind != "relation" or is_wanted:
        return (revoke,)
    # Revoking from a table revokes from its columns, too.
    return revoke, *(
        _grant_privilege("column", column, each, owner=comparison.owner)
        for column in comparison.expected["column"].values()
        if column["relation"] == name
        for each in _read_grants(column)
        if each[:2] == (grantee, privilege)
    )


def _revoke_privilege(
    kind: str, facts: Facts, grant: Grant, *, only_grant_option: bool, owner: str
) -> str:
    """Return the statement that revokes a privilege, also from roles that received it in turn."""
    grantee, privilege, _ = grant
    beginning = "grant option for " if only_grant_option else ""
    return f"revoke {beginning}{privilege}{_on(kind, facts)} from {_role(grantee, owner)} cascade"


def grant_all(kind: str, facts: Facts, *, owner: str) -> tuple[str, ...]:
    """Return statements that give a new object its privileges."""
    mine: Sequence[Grant] = sorted(each for each in _read_grants(facts) if each[0] != OWNER)
    public = any(grantee == PUBLIC for grantee, _, _ in mine)
    first = () if kind != "function" or public else (f"revoke all{_on(kind, facts)} from PUBLIC",)
    return (*first, *(_grant_privilege(kind, facts, each, owner=owner) for each in mine))


def compare_comments(comparison: Comparison) -> Iterator[Difference]:
    """Yield objects with another comment, or without one."""
    for kind in COMMENTED:
        for name, expected, actual in comparison.common(kind):
            if expected["comment"] != actual["comment"]:
                yield Difference(
                    _format_kind(kind, actual),
                    name,
                    "its comment is not the revision's",
                    (set_comment(OBJECT_NAMES[kind](expected), expected["comment"]),),
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
