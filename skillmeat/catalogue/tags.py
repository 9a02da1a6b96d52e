"""Tags: create, list and delete them, tag and untag artifacts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from skillmeat.catalogue.pagination import Page, build_forward_page, get_fetch_limit
from skillmeat.catalogue.slugs import slugify
from skillmeat.errors import UnknownArtifact, UnknownTag
from skillmeat.query import Conn, execute, fetch_all, fetch_one, fetch_one_or_none


@dataclass(frozen=True, slots=True)
class Tag:
    """A row of `tag_summaries`: its count is exact."""

    id: str
    name: str
    slug: str
    color: str | None
    artifact_count: int
    created_at: datetime
    updated_at: datetime


CREATE: Final = """
    insert into tags (name, slug, color)
    values (%(name)s, %(slug)s, %(color)s)
    returning
        id::text, name::text, slug::text, color, artifact_count, created_at, updated_at
"""


def create_tag(conn: Conn, *, name: str, slug: str | None = None, color: str | None = None) -> Tag:
    """Create a tag. `slug` defaults to the slug of the name; `color` is `#rrggbb`.

    Raises `Duplicate` if the name or slug is taken, and `InvalidValue`.
    """
    values = {"name": name, "slug": slugify(name) if slug is None else slug, "color": color}
    return fetch_one(conn, Tag, CREATE, values)


DELETE: Final = "delete from tags where id = %(id)s"


def delete_tag(conn: Conn, id: str) -> bool:  # noqa: A002
    """Delete a tag and untag every artifact. Return whether it existed."""
    return execute(conn, DELETE, {"id": id}) > 0


FIND: Final = "select * from tag_summaries where slug = %(slug)s"


def find_tag(conn: Conn, slug: str) -> Tag:
    """Read the tag with this slug. Raises `UnknownTag`."""
    found = fetch_one_or_none(conn, Tag, FIND, {"slug": slug})
    if found is None:
        raise UnknownTag.from_ids(slug)
    return found


LIST: Final = """
    select *
    from tag_summaries
    where
        id > coalesce(%(after)s::text, '')
        and (
            %(search)s::text is null
            or strpos(lower(name collate "default"), lower(%(search)s::text)) > 0
        )
    order by id
    limit %(rows)s
"""


def list_tags(
    conn: Conn, *, limit: int = 50, after: str | None = None, search: str | None = None
) -> Page[Tag]:
    """Read a page of tags by id, after the cursor `after`.

    `search` keeps the tags with a name that contains it, ignoring case. Raises `InvalidValue`.
    """
    values = {"after": after, "search": search, "rows": get_fetch_limit(limit)}
    return build_forward_page(fetch_all(conn, Tag, LIST, values), limit=limit)


@dataclass(frozen=True, slots=True)
class _TagOutcome:
    tag_exists: bool
    unknown: list[str]
    tagged: int


TAG: Final = """
    with requested as (
        select distinct r.id from unnest(%(artifacts)s::text[]) as r (id)
    ),

    unknown as (
        select r.id
        from requested as r
        where not exists (select from artifacts as a where a.id = r.id)
    ),

    tagged as (
        insert into artifact_tags (artifact_id, tag_id)
        select r.id, t.id
        from requested as r
        inner join tags as t on t.id = %(tag)s
        where not exists (select from unknown)
        order by r.id
        on conflict do nothing
        returning artifact_id
    )

    select
        exists (select from tags as t where t.id = %(tag)s) as tag_exists,
        array(select u.id from unknown as u order by u.id) as unknown,
        (select count(*) from tagged) as tagged
"""


def tag_artifacts(conn: Conn, tag_id: str, artifact_ids: Iterable[str]) -> int:
    """Tag artifacts; return how many did not have the tag before.

    Raises `UnknownTag`, or `UnknownArtifact`, which names every artifact that does not exist. Then
    no artifact is tagged.
    """
    outcome = fetch_one(conn, _TagOutcome, TAG, {"tag": tag_id, "artifacts": list(artifact_ids)})
    if not outcome.tag_exists:
        raise UnknownTag.from_ids(tag_id)
    if outcome.unknown:
        raise UnknownArtifact.from_ids(*outcome.unknown)
    return outcome.tagged


UNTAG: Final = """
    delete from artifact_tags
    where tag_id = %(tag)s and artifact_id = any (%(artifacts)s::text[])
"""


def untag_artifacts(conn: Conn, tag_id: str, artifact_ids: Iterable[str]) -> int:
    """Untag artifacts; return how many had the tag."""
    return execute(conn, UNTAG, {"tag": tag_id, "artifacts": list(artifact_ids)})
