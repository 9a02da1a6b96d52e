"""What a schema consists of, as its catalogue tells it."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from operator import itemgetter
from pathlib import Path
from typing import Any

from skillmeat.query import Conn

Facts = Mapping[str, Any]

# One query a kind, each yields names and facts.
KINDS = (
    "schema",
    "relation",
    "column",
    "constraint",
    "index",
    "sequence",
    "domain",
    "function",
    "trigger",
    "rule",
    "policy",
    "operator",
)
OWNER = "<owner>"
PUBLIC = "PUBLIC"


class Catalogue:
    """The objects of one schema by kind and name, and which views and functions need which."""

    def __init__(
        self, objects: Mapping[str, Mapping[str, Facts]], needs: Mapping[str, Collection[str]]
    ) -> None:
        self.objects = objects
        self.needs = needs

    def __getitem__(self, kind: str) -> Mapping[str, Facts]:
        """The objects of a kind, by name."""
        return self.objects[kind]


def read(conn: Conn, *, schema: str, relations: Collection[str] | None = None) -> Catalogue:
    """Everything in `schema`, or what belongs to `relations` and to none.

    Call it in a transaction: what it reads is deparsed with an empty search path, so that every
    name in a definition is qualified.
    """
    values = {"schema": schema, "relations": None if relations is None else list(relations)}
    conn.execute("set local search_path = ''")
    objects = {
        kind: dict(sorted(conn.execute(_query(kind), values), key=itemgetter(0))) for kind in KINDS
    }
    needs: defaultdict[str, set[str]] = defaultdict(set)
    for name, needed in conn.execute(_query("dependency"), values):
        needs[name].add(needed)
    return Catalogue(objects, needs)


def renamed(found: Catalogue, *, schema: str, to: str, quoted: str) -> Catalogue:
    """The same objects as they would be told of the schema `to`, which the server writes `quoted`.

    `schema` needs no quotes and is in no text by chance.
    """
    replacements = (
        (f"'{schema}'", "'" + to.replace("'", "''") + "'"),
        (f"'{schema}.", "'" + quoted.replace("'", "''") + "."),
        (schema, quoted),
    )

    def told(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
        match value:
            case str():
                for old, new in replacements:
                    value = value.replace(old, new)
                return value
            case list():
                return [told(each) for each in value]
            case dict():
                return {name: told(each) for name, each in value.items()}
            case _:
                return value

    return Catalogue(
        {
            kind: {told(name): told(facts) for name, facts in named.items()}
            for kind, named in found.objects.items()
        },
        {told(name): {told(each) for each in needed} for name, needed in found.needs.items()},
    )


def _query(kind: str) -> bytes:
    return (Path(__file__).parent / "introspection" / f"{kind}.sql").read_bytes()
