"""The soaked catalogue: half of the possible artifacts and collections exist."""

from random import Random
from typing import Final

from psycopg import Connection

from benchmarks.soak.options import Options

TYPES: Final = ("agent", "command", "hook", "skill")
TAGS: Final = 200

# Possible rows are numbered, and the even ones exist at first. Random inserts and deletes of
# numbers then leave the size as it is.
FILL: Final = (
    """
    insert into artifacts (type, name, description, source, metadata)
    select
        (array['agent', 'command', 'hook', 'skill'])[1 + i / 2 %% 4],
        to_char(i, 'FM000000'),
        'What the artifact numbered ' || i || ' is for, said in a sentence of some length.',
        'github:owner/repository/' || i,
        '{"tools": ["Read", "Grep"]}'
    from generate_series(0, 2 * %(artifacts)s - 1, 2) as i
    """,
    "insert into collections (id, name) values ('default', 'Default')",
    """
    insert into collections (id, name)
    select 'c' || i, 'collection ' || i from generate_series(0, 2 * %(collections)s - 1, 2) as i
    """,
    """
    insert into collection_artifacts (collection_id, artifact_id)
    select 'default', id from artifacts
    """,
    """
    insert into collection_artifacts (collection_id, artifact_id)
    select 'c' || 2 * floor(power(random(), 3) * %(collections)s)::int, a.id
    from artifacts as a cross join generate_series(1, 2)
    on conflict do nothing
    """,
    """
    insert into tags (id, name, slug)
    select 't' || i, 'tag ' || i, 'tag-' || i from generate_series(0, %(tags)s - 1) as i
    """,
    """
    insert into artifact_tags (artifact_id, tag_id)
    select a.id, 't' || floor(power(random(), 2) * %(tags)s)::int
    from artifacts as a cross join generate_series(1, 3)
    on conflict do nothing
    """,
    """
    insert into artifact_versions (artifact_id, content_hash, version)
    select a.id, md5(a.id || n), '1.' || n from artifacts as a cross join generate_series(1, 2) as n
    """,
    "select settle_counts()",
    "select refresh_artifact_summaries()",
    # Without this, the statistics learn of the session's work a second later, after the vacuum.
    "select pg_stat_force_next_flush()",
    "vacuum analyze",
)


def fill_catalogue(conn: Connection, options: Options) -> None:
    """Fill an empty catalogue, settle, refresh and vacuum it; `conn` is in autocommit."""
    values = {
        "artifacts": options.artifacts,
        "collections": options.collections,
        "tags": TAGS,
    }
    conn.execute("select setseed(0.5)")
    for statement in FILL:
        conn.execute(statement.encode(), values)


def artifact_id(number: int) -> str:
    """Return the id of the artifact with this number, whether or not it exists."""
    return f"{TYPES[number // 2 % len(TYPES)]}:{number:06}"


def some_artifact(choice: Random, options: Options) -> str:
    """Return a random artifact id; about half of them exist."""
    return artifact_id(choice.randrange(2 * options.artifacts))


def some_collection(choice: Random, options: Options) -> str:
    """Return a random collection id, often one of a few busy ones; half of the rest exist."""
    if choice.random() < 0.1:  # noqa: PLR2004
        return "default"
    return f"c{int(choice.random() ** 3 * 2 * options.collections)}"


def some_tag(choice: Random) -> str:
    """Return a random tag id."""
    return f"t{int(choice.random() ** 2 * TAGS)}"
