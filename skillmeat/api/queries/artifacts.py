"""Artifacts: one, or a page of those that every filter keeps."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from psycopg.sql import SQL

from skillmeat.api.queries.filters import Choice, page_of, problem_of, total_of
from skillmeat.api.queries.page_document import Answer, answer, page_statement
from skillmeat.api.queries.projections import ARTIFACT, MEMBER, MEMBER_WITH_GROUPS
from skillmeat.query import Conn, document

READ: Final = SQL(
    """
    select convert_to(row_to_json(item)::text, 'UTF8')
    from artifact_summaries as s
    cross join lateral (select {}) as item
    where s.id = %(id)s
    """
).format(ARTIFACT)


def artifact(conn: Conn, id: str) -> bytes | None:  # noqa: A002
    """One artifact, or None."""
    return document(conn, READ, {"id": id})


def artifacts(  # noqa: PLR0913 - a filter each
    conn: Conn,
    *,
    limit: int,
    after: str | None = None,
    before: str | None = None,
    types: Sequence[str] = (),
    collection: str | None = None,
    tags: Sequence[str] = (),
    tools: Sequence[str] = (),
    search: str | None = None,
) -> Answer:
    """A page in the order of ids.

    It has what is of any of the types, in the collection of this id or else name, has any of the
    tags, uses any of the tools whatever the case, and is found by the search.
    """
    values = _given(
        after=after,
        before=before,
        collection=collection,
        search=search,
        types=list(types),
        tags=list(tags),
        tools=[tool.lower() for tool in tools],
    )
    choice = Choice.of(values, types=len(types), tags=len(tags))
    return answer(conn, _artifacts(choice, limit), values)


def members(  # noqa: PLR0913 - a filter each
    conn: Conn,
    collection: str,
    *,
    limit: int,
    after: str | None = None,
    before: str | None = None,
    types: Sequence[str] = (),
    group: str | None = None,
    with_groups: bool = False,
) -> Answer:
    """A page of the artifacts of the collection with this id, or of one of its groups."""
    values = _given(
        after=after, before=before, types=list(types), collection=collection, group=group
    )
    choice = Choice.of(values, types=len(types), is_by_id=True)
    return answer(conn, _members(choice, limit, with_groups=with_groups), values)


def _given(**values: object) -> dict[str, object]:
    return {name: value for name, value in values.items() if value not in (None, [])}


@lru_cache(maxsize=512)
def _artifacts(choice: Choice, limit: int) -> bytes:
    return page_statement(
        page=page_of(choice, limit),
        item=ARTIFACT,
        total=total_of(choice),
        given=choice.given,
        limit=limit,
        problem=problem_of(choice),
    )


@lru_cache(maxsize=512)
def _members(choice: Choice, limit: int, *, with_groups: bool) -> bytes:
    return page_statement(
        page=page_of(choice, limit),
        item=MEMBER_WITH_GROUPS if with_groups else MEMBER,
        total=total_of(choice),
        given=choice.given,
        limit=limit,
        problem=problem_of(choice),
    )
