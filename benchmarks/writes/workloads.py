"""The workloads, as scripts for pgbench. A colon starts a variable there, hence chr(58)."""

from dataclasses import dataclass
from typing import Final

from benchmarks.rounds import Scale

COLLECTIONS: Final = 2_000
BUSY: Final = 20

NEXT: Final = "'skill' || chr(58) || 'a' || nextval('turn')"

ONE: Final = f"""
insert into collection_artifacts (collection_id, artifact_id)
select 'c' || 1 + n % {COLLECTIONS}, 'skill' || chr(58) || 'a' || n
from (select nextval('turn')) as s (n);
"""

HOT: Final = f"""
insert into collection_artifacts (collection_id, artifact_id)
values ('default', {NEXT});
"""

SEVERAL: Final = f"""
\\set one random(1, {BUSY})
\\set other random(1, {BUSY})
begin;
insert into collection_artifacts (collection_id, artifact_id)
values ('c' || :one, {NEXT});
\\sleep 2 ms
insert into collection_artifacts (collection_id, artifact_id)
values ('c' || :other, {NEXT});
commit;
"""

REPEATABLE_READ: Final = SEVERAL.replace("begin;", "begin isolation level repeatable read;")

DELETE: Final = f"""
delete from collection_artifacts
where collection_id = 'default' and artifact_id = (select {NEXT});
"""

MOVE: Final = f"""
\\set to random(1, {BUSY})
update collection_artifacts set collection_id = 'c' || :to
where collection_id = 'default' and artifact_id = (select {NEXT});
"""


@dataclass(frozen=True, slots=True)
class Workload:
    """What so many clients do at once."""

    name: str
    script: str
    clients: int
    needs_members: bool = False
    """Whether `default` must have members at the start."""


SINGLE: Final = Workload("one membership, 1 client", ONE, 1)
SEVERAL_AT_ONCE: Final = Workload("2 collections, 2 ms apart, 16 clients", SEVERAL, 16)
SEVERAL_REPEATABLE: Final = Workload(
    "2 collections at REPEATABLE READ, 16 clients", REPEATABLE_READ, 16
)
DELETES: Final = Workload("deletes, 16 clients", DELETE, 16, needs_members=True)
MOVES: Final = Workload("moves, 16 clients", MOVE, 16, needs_members=True)


def one_hot_collection(clients: int) -> Workload:
    """Return the workload in which all clients add to one collection."""
    return Workload(f"one hot collection, {clients} {_noun(clients)}", HOT, clients)


def _noun(clients: int) -> str:
    return "client" if clients == 1 else "clients"


def list_workloads(scale: Scale) -> tuple[Workload, ...]:
    """Return the workloads of this scale."""
    return (
        SINGLE,
        *map(one_hot_collection, scale.clients),
        SEVERAL_AT_ONCE,
        SEVERAL_REPEATABLE,
        DELETES,
        MOVES,
    )
