"""Tags of artifacts: tag and untag artifacts, and replace all tags of one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from psycopg.sql import SQL

from skillmeat.catalogue.optimistic_locking import IS_UNCHANGED
from skillmeat.catalogue.slugs import slugify
from skillmeat.database.query import Conn, atomic, execute, fetch_one, fetch_scalar
from skillmeat.errors import RowChanged, UnknownArtifact, UnknownTag


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


LOCK_ARTIFACT: Final = SQL(
    "select {is_unchanged} from artifacts where id = %(artifact)s for no key update"
).format(is_unchanged=IS_UNCHANGED)

ADD: Final = """
    insert into tags (name, slug)
    select r.name, r.slug
    from unnest(%(names)s::text[], %(slugs)s::text[]) as r (name, slug)
    where not exists (select from tags as t where t.slug = r.slug or t.name = r.name)
    order by r.slug
    on conflict do nothing
"""

# Use the tag with the same slug, else the tag with the same name. A tag is null if another session
# has deleted it since `ADD`.
REPLACE: Final = """
    with given as materialized (
        select distinct (
            select t.id
            from tags as t
            where t.slug = r.slug or t.name = r.name
            order by t.slug = r.slug desc
            limit 1
        ) as tag_id
        from unnest(%(names)s::text[], %(slugs)s::text[]) as r (name, slug)
    ),

    removed as (
        delete from artifact_tags as x
        where
            x.artifact_id = %(artifact)s
            and not exists (select from given as g where g.tag_id = x.tag_id)
        returning x.tag_id
    ),

    added as (
        insert into artifact_tags (artifact_id, tag_id)
        select %(artifact)s, g.tag_id
        from given as g
        where g.tag_id is not null
        order by g.tag_id
        on conflict do nothing
        returning tag_id
    )

    update artifacts
    set updated_at = greatest(now(), updated_at + interval '1 microsecond')
    where
        id = %(artifact)s
        and (exists (select from removed) or exists (select from added))
"""


def replace_tags(
    conn: Conn,
    artifact_id: str,
    names: Iterable[str],
    *,
    if_updated_at: list[datetime] | None = None,
) -> None:
    """Give an artifact exactly these tags, all or nothing; create those that do not exist.

    A tag is the one with the same slug, whatever its spelling. Calls for one artifact wait for each
    other, and a change sets its `updated_at`. With `if_updated_at`, change nothing unless
    `updated_at` is one of these. Raises `UnknownArtifact`, `RowChanged` and `InvalidValue`.
    """
    by_slug = {slugify(name): name for name in names}
    values = {
        "artifact": artifact_id,
        "names": list(by_slug.values()),
        "slugs": list(by_slug),
        "if_updated_at": if_updated_at,
    }
    with atomic(conn):
        is_unchanged = fetch_scalar(conn, LOCK_ARTIFACT, values)
        if is_unchanged is None:
            raise UnknownArtifact.from_ids(artifact_id)
        if not is_unchanged:
            raise RowChanged.from_id(artifact_id, noun="artifact")
        execute(conn, ADD, values)
        execute(conn, REPLACE, values)
