"""The comparison of the views with the oracle after each step, in every readable snapshot."""

from dataclasses import dataclass, field

from psycopg import Connection, IsolationLevel, errors

from tests.db.oracle import differences, has_duplicates
from tests.isolation.permutations import Script, Spec
from tests.isolation.sessions import SessionGroup


@dataclass(slots=True)
class Comparisons:
    """The comparisons: how many succeeded, how many a TRUNCATE blocked, and the errors."""

    group: SessionGroup
    spec: Spec
    succeeded: int = 0
    blocked: int = 0
    wrong: list[str] = field(default_factory=list)

    def __call__(self) -> None:
        """Compare the committed state, and the state of each transaction with a fixed snapshot."""
        if self.spec.repairer is not None and not self._has_ended(self.spec.repairer):
            return
        self._compare("the observer", self.group.observer)
        for which, script in enumerate(self.spec.scripts):
            session = self.group.sessions[which]
            if session.is_in_transaction and self._keeps_its_snapshot(script):
                # A rollback to the savepoint releases the locks.
                session.conn.execute("savepoint look; set local lock_timeout = '1ms'")
                self._compare(f"session {which}", session.conn)
                session.conn.execute("rollback to look; release look")

    def _keeps_its_snapshot(self, script: Script) -> bool:
        # The reads of a serializable transaction can make it fail, so it is not compared. A table
        # that another session truncates is empty in older snapshots too, so these are not compared.
        return script.level == IsolationLevel.REPEATABLE_READ and not any(
            "truncate" in step
            for other in self.spec.scripts
            if other is not script
            for step in other.steps
        )

    def _has_ended(self, which: int) -> bool:
        session = self.group.sessions[which]
        return session.step == len(self.spec.scripts[which].steps) - 1 and not session.is_busy

    def _compare(self, reader: str, conn: Connection) -> None:
        try:
            found = differences(conn)
            if found and not has_duplicates(conn):
                self.wrong += [f"{reader} sees {each}" for each in found]
            self.succeeded += 1
        except errors.LockNotAvailable:
            self.blocked += 1


TABLES = """
select array_agg(kept order by kept)
from (
    select 'artifact ' || (id, title)::text from artifacts
    union all select 'collection ' || (id, name, description)::text from collections
    union all select 'group ' || (collection_id, name)::text from groups
    union all select 'tag ' || (name, slug)::text from tags
    union all select 'type ' || type from artifact_types
    union all select 'membership ' || (collection_id, artifact_id)::text from collection_artifacts
    union all select 'place ' || (collection_id, group_id, artifact_id)::text from group_artifacts
    union all select 'version ' || (artifact_id, content_hash)::text from artifact_versions
    union all
    select 'tagging ' || (a.artifact_id, t.name)::text
    from artifact_tags as a inner join tags as t on t.id = a.tag_id
) as everything (kept)
"""


def read_tables(conn: Connection) -> list[str]:
    """Return the rows that writers put into the catalogue, without counts and summaries."""
    (found,) = conn.execute(TABLES).fetchone() or ([],)
    return list(found or [])
