"""The revisions that a run of Alembic goes through, also when a part of it is tried again."""

import time
from collections.abc import Callable, Iterator
from typing import Any

from alembic import context
from alembic.runtime.migration import MigrationContext, MigrationInfo, RevisionStep, StampStep

from skillmeat.migration import environment

Step = RevisionStep | StampStep


class Plan:
    """The revisions to run; a retry continues with the remaining ones, also after `down -2`.

    `begin` is called before each revision, outside its transaction; `end` is called at the end of
    that transaction.
    """

    def __init__(
        self, begin: Callable[[MigrationInfo], None], *, end: Callable[[], None] | None = None
    ) -> None:
        self._begin = begin
        self._end = end
        self._steps: list[Step] | None = None
        self._running: Step | None = None
        self._deadline = 0.0

    def configure(self, **options: Any) -> None:  # noqa: ANN401 - options of Alembic
        """Configure Alembic's context to follow the plan."""
        options |= {"transaction_per_migration": True, "on_version_apply": self._finish}
        context.configure(**options)
        list_steps = context.get_context().opts["fn"]

        def follow(heads: Any, migration: MigrationContext) -> Iterator[Step]:  # noqa: ANN401
            if self._steps is None:
                self._steps = list(list_steps(heads, migration))
            while self._steps:
                self._start(self._steps[0])
                yield self._steps[0]
                del self._steps[0]

        context.configure(**options, fn=follow)

    @property
    def may_retry(self) -> bool:
        """Whether the running revision has taken less time than it may wait for locks."""
        return time.monotonic() < self._deadline

    @property
    def target(self) -> str | None:
        """The revision that the last step leads to."""
        return get_target(self._steps[-1].info) if self._steps else None

    def _start(self, step: Step) -> None:
        if step is not self._running:
            self._running = step
            self._deadline = time.monotonic() + environment.LOCK_SECONDS
        self._begin(step.info)

    def _finish(self, *, step: MigrationInfo, **_: Any) -> None:  # noqa: ANN401 - Alembic calls it
        if self._end is not None:
            self._end()
        # In the transaction of the last downgrade.
        if get_target(step) is None:
            environment.run(environment.read_sql("drop_empty_schema"))


def get_source(step: MigrationInfo) -> str | None:
    """Return the revision that a step starts from, None for nothing."""
    return next(iter(step.source_revision_ids), None)


def get_target(step: MigrationInfo) -> str | None:
    """Return the revision that a step leads to, None for nothing."""
    return next(iter(step.destination_revision_ids), None)
