"""Compares the views with the oracle after each step, for everybody who can look."""

from dataclasses import dataclass, field

from psycopg import Connection, IsolationLevel, errors

from tests.db.oracle import differences, has_doubles
from tests.isolation.permutations import Script, Spec
from tests.isolation.sessions import Stage


@dataclass(slots=True)
class Looks:
    """What was seen: how often, what was wrong, and how often an open TRUNCATE was in the way."""

    stage: Stage
    spec: Spec
    taken: int = 0
    blind: int = 0
    wrong: list[str] = field(default_factory=list)

    def __call__(self) -> None:
        """Look at what is committed, and out of each transaction that keeps its snapshot."""
        if self.spec.repairer is not None and not self._is_through(self.spec.repairer):
            return
        self._look("the observer", self.stage.observer)
        for which, script in enumerate(self.spec.scripts):
            session = self.stage.sessions[which]
            if session.is_in_transaction and self._keeps_its_snapshot(script):
                # The savepoint gives the locks back.
                session.conn.execute("savepoint look; set local lock_timeout = '1ms'")
                self._look(f"session {which}", session.conn)
                session.conn.execute("rollback to look; release look")

    def _keeps_its_snapshot(self, script: Script) -> bool:
        # What a serializable transaction reads is part of what it does: it is left alone. And a
        # table that another has truncated is empty in older snapshots too, whatever they count.
        return script.level == IsolationLevel.REPEATABLE_READ and not any(
            "truncate" in step
            for other in self.spec.scripts
            if other is not script
            for step in other.steps
        )

    def _is_through(self, which: int) -> bool:
        session = self.stage.sessions[which]
        return session.step == len(self.spec.scripts[which].steps) - 1 and not session.is_busy

    def _look(self, who: str, conn: Connection) -> None:
        try:
            found = differences(conn)
            if found and not has_doubles(conn):
                self.wrong += [f"{who} sees {each}" for each in found]
            self.taken += 1
        except errors.LockNotAvailable:
            self.blind += 1


KEPT = """
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


def kept(conn: Connection) -> list[str]:
    """What people put into the catalogue, without anything that is counted or summed up."""
    (found,) = conn.execute(KEPT).fetchone() or ([],)
    return list(found or [])
