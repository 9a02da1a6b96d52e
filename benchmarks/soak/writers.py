"""Sessions that write: one transaction a turn, of one to three operations."""

import time
from random import Random
from typing import Final, TypeVar

from psycopg import Connection, IsolationLevel

from benchmarks.soak.dataset import some_artifact, some_collection, some_tag
from benchmarks.soak.sessions import Soak

# Each operation runs in one transaction; on average the catalogue keeps its size.
ADD: Final = (
    """
    insert into artifacts (type, name, description)
    values (split_part(%(artifact)s, ':', 1), split_part(%(artifact)s, ':', 2), %(text)s)
    on conflict do nothing
    """,
    """
    insert into collection_artifacts (collection_id, artifact_id)
    select c.id, a.id
    from artifacts as a
    inner join collections as c on c.id in ('default', %(collection)s, %(other)s)
    where a.id = %(artifact)s
    on conflict do nothing
    """,
    """
    insert into artifact_tags (artifact_id, tag_id)
    select a.id, t.id from artifacts as a inner join tags as t on t.id in (%(tag)s, %(tag2)s)
    where a.id = %(artifact)s
    on conflict do nothing
    """,
    """
    insert into artifact_versions (artifact_id, content_hash, version)
    select id, md5(%(text)s), '1.0' from artifacts where id = %(artifact)s
    """,
)
DELETE: Final = ("delete from artifacts where id = %(artifact)s",)
EDIT: Final = ("update artifacts set title = %(text)s where id = %(artifact)s",)
RENAME: Final = (
    """
    update artifacts
    set type = split_part(%(another)s, ':', 1), name = split_part(%(another)s, ':', 2)
    where
        id = %(artifact)s
        and not exists (select from artifacts as a where a.id = %(another)s)
    """,
)
JOIN: Final = (
    """
    insert into collection_artifacts (collection_id, artifact_id)
    select c.id, a.id from collections as c, artifacts as a
    where c.id = %(collection)s and a.id = %(artifact)s
    on conflict do nothing
    """,
)
LEAVE: Final = (
    """
    delete from collection_artifacts
    where artifact_id = %(artifact)s and collection_id = (
        select min(m.collection_id) from collection_artifacts as m
        where m.artifact_id = %(artifact)s and m.collection_id <> 'default'
    )
    """,
)
MOVE: Final = (
    """
    update collection_artifacts
    set collection_id = %(collection)s
    where
        artifact_id = %(artifact)s
        and collection_id = (
            select max(m.collection_id) from collection_artifacts as m
            where m.artifact_id = %(artifact)s and m.collection_id <> 'default'
        )
        and exists (select from collections as c where c.id = %(collection)s)
        and not exists (
            select from collection_artifacts as m
            where m.artifact_id = %(artifact)s and m.collection_id = %(collection)s
        )
    """,
)
TAG: Final = (
    """
    insert into artifact_tags (artifact_id, tag_id)
    select id, %(tag)s from artifacts where id = %(artifact)s
    on conflict do nothing
    """,
)
UNTAG: Final = (
    """
    delete from artifact_tags
    where artifact_id = %(artifact)s and tag_id = (
        select min(t.tag_id) from artifact_tags as t where t.artifact_id = %(artifact)s
    )
    """,
)
VERSION: Final = (
    """
    insert into artifact_versions (artifact_id, content_hash, version)
    select id, md5(%(text)s), %(text)s from artifacts where id = %(artifact)s
    """,
    """
    delete from artifact_versions
    where artifact_id = %(artifact)s and id not in (
        select v.id from artifact_versions as v
        where v.artifact_id = %(artifact)s
        order by v.created_at desc, v.id desc
        limit 2
    )
    """,
)
RENAME_COLLECTION: Final = (
    "update collections set name = %(text)s where id = %(collection)s and id <> 'default'",
)
EDIT_COLLECTION: Final = (
    "update collections set description = %(text)s where id = %(collection)s",
)
CREATE_COLLECTION: Final = (
    "insert into collections (id, name) values (%(collection)s, %(text)s) on conflict do nothing",
)
DROP_COLLECTION: Final = ("delete from collections where id = %(collection)s and id <> 'default'",)
GROUP: Final = (
    """
    insert into groups (id, collection_id, name)
    select c.id || '.' || %(group)s, c.id, %(group)s from collections as c
    where c.id = %(collection)s
    on conflict do nothing
    """,
    """
    insert into group_artifacts (collection_id, group_id, artifact_id)
    select m.collection_id, g.id, m.artifact_id
    from groups as g
    inner join collection_artifacts as m on m.collection_id = g.collection_id
    where g.id = %(collection)s || '.' || %(group)s and m.artifact_id > %(artifact)s
    order by m.artifact_id
    limit 3
    on conflict do nothing
    """,
)
UNGROUP: Final = ("delete from groups where id = %(collection)s || '.' || %(group)s",)

WEIGHTS: Final = {
    ADD: 10,
    DELETE: 10,
    EDIT: 20,
    RENAME: 3,
    JOIN: 14,
    LEAVE: 16,
    MOVE: 10,
    TAG: 10,
    UNTAG: 10,
    VERSION: 10,
    RENAME_COLLECTION: 1,
    EDIT_COLLECTION: 3,
    CREATE_COLLECTION: 1,
    DROP_COLLECTION: 1,
    GROUP: 4,
    UNGROUP: 2,
}


LEVELS: Final = {
    IsolationLevel.READ_COMMITTED: 8,
    IsolationLevel.REPEATABLE_READ: 1,
    IsolationLevel.SERIALIZABLE: 1,
}
ROLLED_BACK: Final = 0.05
LEFT_OPEN: Final = 0.01
SECONDS_LEFT_OPEN: Final = 3.0
UNDONE: Final = 0.05

Kind = TypeVar("Kind")


def write_transaction(soak: Soak, conn: Connection, choice: Random) -> None:
    """Run a transaction to its commit or rollback; some stay open for a few seconds first."""
    conn.isolation_level = _one_of(LEVELS, choice)
    with conn.transaction(force_rollback=choice.random() < ROLLED_BACK) as transaction:
        for _ in range(choice.randint(1, 3)):
            with conn.transaction(force_rollback=choice.random() < UNDONE):
                values = _values(soak, choice)
                for statement in _one_of(WEIGHTS, choice):
                    conn.execute(statement, values)
        if choice.random() < LEFT_OPEN:
            soak.stop.wait(choice.random() * SECONDS_LEFT_OPEN)
    soak.stats.add("rollbacks" if transaction.force_rollback else "commits")


def _one_of(weights: dict[Kind, int], choice: Random) -> Kind:
    return choice.choices(list(weights), weights=list(weights.values()))[0]


def _values(soak: Soak, choice: Random) -> dict[str, str]:
    options = soak.options
    return {
        "artifact": some_artifact(choice, options),
        "another": some_artifact(choice, options),
        "collection": some_collection(choice, options),
        "other": some_collection(choice, options),
        "tag": some_tag(choice),
        "tag2": some_tag(choice),
        "group": f"g{choice.randrange(3)}",
        "text": f"{choice.random()} {time.monotonic_ns()}",
    }
