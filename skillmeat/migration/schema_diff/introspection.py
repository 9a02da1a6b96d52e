"""Read the objects of a schema from the system catalogs."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from operator import itemgetter
from pathlib import Path
from typing import Any

from skillmeat.database.query import Conn

# The facts about one object in the system catalogs.
Facts = Mapping[str, Any]

# One query for each kind returns names and facts.
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
VIEWS = ("view", "materialized view")


class SchemaObjects:
    """The objects of one schema by kind and name, and which views and functions need which."""

    def __init__(
        self, objects: Mapping[str, Mapping[str, Facts]], needs: Mapping[str, Collection[str]]
    ) -> None:
        self.objects = objects
        self.needs = needs

    def __getitem__(self, kind: str) -> Mapping[str, Facts]:
        """Return the objects of a kind, by name."""
        return self.objects[kind]


def read_schema(
    conn: Conn, *, schema: str, relations: Collection[str] | None = None
) -> SchemaObjects:
    """Read all objects of `schema`, or only those of `relations` and those without a relation.

    Call it in a transaction: it sets an empty search path, with which PostgreSQL qualifies every
    name in a definition.
    """
    objects = read_objects(conn, KINDS, schema=schema, relations=relations)
    needs: defaultdict[str, set[str]] = defaultdict(set)
    for name, needed in conn.execute(_query("dependency"), {"schema": schema}):
        needs[name].add(needed)
    return SchemaObjects(objects, needs)


def read_objects(
    conn: Conn, kinds: Iterable[str], *, schema: str, relations: Collection[str] | None = None
) -> Mapping[str, Mapping[str, Facts]]:
    """Read the objects of these kinds, as `read_schema` reads all."""
    values = {"schema": schema, "relations": None if relations is None else list(relations)}
    conn.execute("set local search_path = ''")
    return {
        kind: dict(sorted(conn.execute(_query(kind), values), key=itemgetter(0))) for kind in kinds
    }


def rename_schema(found: SchemaObjects, *, schema: str, to: str, quoted: str) -> SchemaObjects:
    """Replace the schema's name in names and definitions by `to`, or by `quoted` in SQL.

    `schema` needs no quotes, and is so long that no other text contains it.
    """
    replacements = (
        (f"'{schema}'", "'" + to.replace("'", "''") + "'"),
        (f"'{schema}.", "'" + quoted.replace("'", "''") + "."),
        (schema, quoted),
    )

    def rename(value: Any) -> Any:  # noqa: ANN401 - any value of JSON
        match value:
            case str():
                for old, new in replacements:
                    value = value.replace(old, new)
                return value
            case list():
                return [rename(each) for each in value]
            case dict():
                return {name: rename(each) for name, each in value.items()}
            case _:
                return value

    return SchemaObjects(
        {
            kind: {rename(name): rename(facts) for name, facts in named.items()}
            for kind, named in found.objects.items()
        },
        {rename(name): {rename(each) for each in needed} for name, needed in found.needs.items()},
    )


def _query(kind: str) -> bytes:
    return (Path(__file__).parent / "introspection" / f"{kind}.sql").read_bytes()
