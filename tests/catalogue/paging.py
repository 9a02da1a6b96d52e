"""A catalogue with several pages, and the expected rows of each by the plain definition."""

from collections.abc import Callable
from typing import Any

from psycopg import Connection
from psycopg.sql import SQL

from skillmeat.catalogue import Artifact, Page
from skillmeat.catalogue.artifacts import COLUMNS, build_artifacts

CATALOGUE = """
    insert into artifacts (type, name, title, updated_at)
    select
        (array['agent', 'command', 'skill'])[1 + n % 3],
        'a' || to_char(n, 'FM00'),
        'T' || n,
        timestamptz '2026-01-01' + n % 4 * interval '0.123457 s'
    from generate_series(1, 30) as n;

    insert into collections (id, name)
    values ('default', 'Default'), ('odd', 'Odd'), ('few', 'A few'), ('empty', 'Empty');
    insert into collection_artifacts (collection_id, artifact_id)
    select 'default', id from artifacts
    union all
    select 'odd', id from artifacts where right(name, 1) in ('1', '3', '5', '7', '9')
    union all
    select 'few', id from artifacts where name > 'a28';

    insert into tags (name, slug) values ('often', 'often'), ('rare', 'rare'), ('never', 'never');
    insert into artifact_tags (artifact_id, tag_id)
    select a.id, t.id
    from artifacts as a inner join tags as t on t.slug = 'often' and a.name > 'a05'
    union all
    select 'skill:a05', id from tags where slug = 'rare';

    insert into artifact_versions (artifact_id, content_hash, version)
    select id, 'x', '1.0' from artifacts where type = 'skill';

    select refresh_artifact_summaries();
"""
CHANGES = """
    delete from artifacts where name in ('a08', 'a17', 'a28');
    update artifacts set name = 'B' || name where name in ('a01', 'a20');
    update artifacts set description = 'new' where name = 'a02';
    insert into artifacts (type, name) select 'skill', 'c' || n from generate_series(1, 4) as n;
    insert into collection_artifacts (collection_id, artifact_id)
    select 'odd', id from artifacts where name like 'c%';
    delete from collection_artifacts where collection_id = 'odd' and artifact_id like '%:a1_';
    update collections set name = 'Another few' where id = 'few';
    update tags set name = 'seldom', slug = 'seldom' where slug = 'often';
    update tags set name = 'often', slug = 'often' where slug = 'rare';
    update tags set name = 'rare', slug = 'rare' where slug = 'seldom';
    insert into artifact_versions (artifact_id, content_hash, version)
    select id, 'y', '1.1' from artifacts where type = 'agent';
"""
# How a catalogue gets into each of the states that its summaries are read in.
STATES = {
    "refreshed": CATALOGUE,
    "changes pending": CATALOGUE + CHANGES,
    "everything changed": (
        CATALOGUE + CHANGES + "insert into artifact_changes (artifact_id) values ('');"
    ),
    "refreshed again": CATALOGUE + CHANGES + "select refresh_artifact_summaries();",
}

DEFINITION = SQL(
    """
    select {}
    from artifact_summaries_live as s
    left join search_artifacts(%(search)s) as f on f.artifact_id = s.id
    where
        (%(type)s::text is null or s.type = %(type)s)
        and (
            %(collection)s::text is null
            or exists (
                select from collection_artifacts as m
                where m.artifact_id = s.id and m.collection_id = %(collection)s
            )
        )
        and (
            %(tag)s::text is null
            or exists (
                select from artifact_tags as x
                inner join tags as t on t.id = x.tag_id
                where x.artifact_id = s.id and t.slug = %(tag)s
            )
        )
        and (%(search)s::text is null or f.artifact_id is not null)
    order by
        case when %(sort)s = 'name' then lower(s.name collate "default") collate "C" end,
        case when %(sort)s = 'updated' then s.updated_at end desc,
        case when %(sort)s = 'updated' then s.id end desc,
        case when %(sort)s is null then f.rank end desc,
        s.id
    """
).format(COLUMNS)
NO_FILTER = {"type": None, "collection": None, "tag": None, "search": None, "sort": None}


def expected(conn: Connection, **filters: str) -> list[Artifact]:
    """Return the rows that match the filters, in list order, by the plain definition."""
    return list(build_artifacts(conn.execute(DEFINITION, NO_FILTER | filters).fetchall()))


# More than there are of one row each.
PAGES = 100


def forwards(read: Callable[..., Page[Any]]) -> list[Any]:
    """Read every page forwards; return all rows."""
    page = read()
    found = list(page.items)
    for _ in range(PAGES):
        if page.next is None:
            break
        page = read(after=page.next)
        found += page.items
    return found


def backwards(read: Callable[..., Page[Any]], *, end: str) -> list[Any]:
    """Read every page backwards from the cursor `end`; return all rows."""
    page = read(before=end)
    found = list(page.items)
    for _ in range(PAGES):
        if page.previous is None:
            break
        page = read(before=page.previous)
        found = [*page.items, *found]
    return found
