"""The faults during a soak, in a repeating order: equally many in each third of the run."""

from contextlib import suppress
from random import Random
from typing import Final

import psycopg
from psycopg import Connection, IsolationLevel

from benchmarks.soak.dataset import some_artifact, some_tag
from benchmarks.soak.sessions import NAME, RefresherProcess, Soak, open_session
from skillmeat.errors import SkillMeatError

VICTIMS: Final = f"^{NAME} (writer|reader|refresher)"
TERMINATE: Final = """
    select pg_terminate_backend(pid)
    from (
        select pid from pg_stat_activity
        where datname = current_database() and application_name ~ %s
        order by random()
        limit 2
    ) as chosen
"""
CANCEL: Final = """
    select pg_cancel_backend(pid)
    from pg_stat_activity
    where datname = current_database() and application_name ~ %s and state = 'active'
"""
EDIT_MANY: Final = """
    update artifacts set title = %(text)s
    where id in (
        select a.id from artifacts as a where a.id > %(after)s order by a.id limit %(rows)s
    )
"""
TAG_MANY: Final = """
    insert into artifact_tags (artifact_id, tag_id)
    select a.id, %(tag)s from artifacts as a where a.id > %(after)s order by a.id limit %(rows)s
    on conflict do nothing
"""
RENAME_TAG: Final = "update tags set name = %(text)s where id = %(tag)s"
ROWS: Final = 5_000
CANCELS: Final = 20


class Faults:
    """The faults of a soak, one after the other until the soak stops."""

    def __init__(self, soak: Soak, refresher: RefresherProcess) -> None:
        self._soak = soak
        self._refresher = refresher
        self._choice = Random(soak.options.seed)  # noqa: S311
        self._old: Connection | None = None
        self._round = (
            ("terminate", self.terminate),
            ("cancel", self.cancel),
            ("edit many", self.edit_many),
            ("kill the refresher", self._refresher.kill),
            ("hold a snapshot", self.hold),
            ("roll back", self.roll_back),
            ("let the snapshot go", self.let_go),
            ("rename a tag", self.rename_tag),
            ("crash", self._soak.server.crash),
        )

    def run(self) -> None:
        """Cause each fault in its turn, spread evenly over the run."""
        soak = self._soak
        try:
            for slot in range(len(self._round) * soak.options.rounds):
                due = (slot + 0.5) * self._seconds_a_fault
                if soak.stop.wait(max(0.0, due - soak.seconds)):
                    return
                name, fault = self._round[slot % len(self._round)]
                soak.stats.faults[name] += 1
                try:
                    fault()
                except (psycopg.Error, SkillMeatError) as error:
                    soak.stats.record_error(name, error)
        finally:
            with suppress(psycopg.Error):
                self.let_go()

    @property
    def _seconds_a_fault(self) -> float:
        return self._soak.options.seconds / self._soak.options.rounds / len(self._round)

    def terminate(self) -> None:
        """Terminate two random sessions."""
        with open_session(self._soak, "faults") as conn:
            conn.execute(TERMINATE, [VICTIMS])

    def cancel(self) -> None:
        """Cancel the statements of writers, readers and the refresher, several times."""
        with open_session(self._soak, "faults") as conn:
            for _ in range(CANCELS):
                conn.execute(CANCEL, [VICTIMS])
                self._soak.stop.wait(self._seconds_a_fault / 2 / CANCELS)

    def edit_many(self) -> None:
        """Edit thousands of artifacts in one statement."""
        with open_session(self._soak, "faults") as conn:
            conn.execute(EDIT_MANY, self._values())

    def roll_back(self) -> None:
        """Change thousands of artifacts, then roll back."""
        with open_session(self._soak, "faults") as conn, conn.transaction(force_rollback=True):
            conn.execute(EDIT_MANY, self._values())
            conn.execute(TAG_MANY, self._values())

    def rename_tag(self) -> None:
        """Rename a tag, which changes the summaries of many artifacts."""
        with open_session(self._soak, "faults") as conn:
            conn.execute(RENAME_TAG, self._values())

    def hold(self) -> None:
        """Keep a snapshot open: VACUUM cannot remove rows that die from now on."""
        self._old = open_session(self._soak, "old snapshot")
        self._old.autocommit = False
        self._old.isolation_level = IsolationLevel.REPEATABLE_READ
        self._old.execute("select count(*) from artifact_types")

    def let_go(self) -> None:
        """Close that snapshot."""
        if self._old is not None:
            self._old.close()
            self._old = None

    def _values(self) -> dict[str, object]:
        many = self._soak.options.artifacts
        return {
            "after": some_artifact(self._choice, self._soak.options),
            "rows": min(ROWS, many // 4),
            "tag": some_tag(self._choice),
            "text": f"title {self._choice.random()}",
        }
