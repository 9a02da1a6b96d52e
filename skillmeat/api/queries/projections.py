"""The projections: the SQL of the JSON object of each kind of item, over its row `s`.

An artifact is an expression of the object as text. The others are select lists, which `as_object`
makes into such an expression. Times are UTC in ISO 8601, without an offset, and with microseconds
unless they are zero.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from psycopg.rows import args_row
from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from skillmeat.catalogue.artifact_metadata import TOOLS
from skillmeat.catalogue.time_format import select_time
from skillmeat.database.query import Conn, Parameters
from skillmeat.errors import translate_errors

NAME_CONTAINS: Final = SQL('strpos(lower(s.name collate "default"), lower(%(search)s::text)) > 0')


class JsonItem(NamedTuple):
    """A row as a JSON object in UTF-8, and its `updated_at` in the format of the object."""

    updated_at: str
    document: bytes


def build_read(view: str, item: Composable) -> bytes:
    """Build the statement of `read_item`: one row of `view`, by id, as its JSON object."""
    return (
        SQL(
            """
            select {}, convert_to({}, 'UTF8')
            from {} as s
            where s.id = %(id)s
            """
        )
        .format(select_time("s.updated_at"), item, Identifier(view))
        .as_bytes()
    )


def read_item(conn: Conn, statement: bytes, parameters: Parameters) -> JsonItem | None:
    """Run a statement of `build_read`, which is prepared at its first use."""
    with translate_errors(), conn.cursor(row_factory=args_row(JsonItem)) as cursor:
        return cursor.execute(statement, parameters, prepare=True, binary=True).fetchone()


def as_object(columns: Composable) -> Composed:
    """Build the SQL of a JSON object, as text, from a select list."""
    return SQL("(select row_to_json(item)::text from (select {}) as item)").format(columns)


def build_object(
    texts: Mapping[str, Composable], values: Mapping[str, Composable | None]
) -> Composed:
    """Build the SQL of a JSON object, as text, from texts and from values that are JSON.

    A text may be null in SQL; a value may not, and is null in JSON if it is None.

    `row_to_json` looks up the type of each member in each row, and costs twice as much as
    `json_object`, which takes texts only. So the object ends with a null under an empty key, and
    the values replace it: in a text, quotes have a backslash.
    """
    parts: list[Composable] = []
    literal = ""
    for key, value in values.items():
        literal += f'"{key}":'
        if value is None:
            literal += "null"
        else:
            parts += [Literal(literal), value]
            literal = ""
        literal += ","
    return SQL(
        """
        replace(
            json_object({keys}::text[], array[{texts}, null]::text[])::text,
            '"" : null}}',
            concat({parts})
        )
        """
    ).format(
        keys=Literal([*texts, ""]),
        texts=SQL(", ").join(texts.values()),
        parts=SQL(", ").join([*parts, Literal(literal.removesuffix(",") + "}")]),
    )


_TOOLS_OR_NULL: Final = SQL("coalesce(nullif({}, '[]')::text, 'null')").format(TOOLS)
_TAGS: Final = SQL("array_to_json(s.tags)")
_ORIGIN: Final = SQL("coalesce(s.origin, 'local')")
_ORIGIN_SOURCE: Final = SQL("s.metadata ->> 'origin_source'")

# What only an edit changes is prepared in the snapshot: db/views/artifact_json.mako.
ARTIFACT: Final = SQL(
    """
    '{"collections" : ' || s.collections
    || ', "upstream" : null, "deployment_stats" : null, "deployments" : null, "import_id" : null, '
    '"owner_id" : null, "owner_type" : null, "visibility" : null, "workflow_id" : null, '
    || right(s.json_document, -1)
    """
)


def _build_member(groups: Composable | None) -> Composed:
    return build_object(
        {
            "id": SQL("s.id"),
            "name": SQL("s.name"),
            "type": SQL("s.type"),
            "version": SQL("s.version"),
            "source": SQL("coalesce(s.source, s.id)"),
            "description": SQL("s.description"),
            "author": SQL("s.author"),
            "origin": _ORIGIN,
            "origin_source": _ORIGIN_SOURCE,
        },
        {
            "tags": _TAGS,
            "tools": _TOOLS_OR_NULL,
            "collections": SQL("s.collections"),
            "groups": groups,
            "deployments": None,
        },
    )


_GROUPS: Final = SQL(
    """
    (
        select coalesce(json_agg(row_to_json(place)), '[]')
        from (
            select g.id, g.name, p.position
            from group_artifacts as p
            inner join group_summaries as g on g.id = p.group_id
            where p.collection_id = %(collection)s and p.artifact_id = s.id
            order by g.position, g.id
        ) as place
    )
    """
)
COLLECTION_ARTIFACT: Final = _build_member(None)
COLLECTION_ARTIFACT_WITH_GROUPS: Final = _build_member(_GROUPS)

TIMES: Final = SQL("{} as created_at, {} as updated_at").format(
    select_time("s.created_at"), select_time("s.updated_at")
)
COLLECTION: Final = SQL(
    """
    s.id,
    s.name,
    s.description,
    s.created_by,
    s.collection_type,
    s.context_category,
    {times},
    s.group_count,
    s.artifact_count
    """
).format(times=TIMES)

GROUP: Final = SQL(
    """
    s.id,
    s.collection_id,
    s.name,
    s.description,
    s.tags,
    s.color,
    s.icon,
    s.position,
    {times},
    s.artifact_count
    """
).format(times=TIMES)

TAG: Final = SQL(
    """
    s.id,
    s.name,
    s.slug,
    s.color,
    {times},
    s.artifact_count
    """
).format(times=TIMES)
