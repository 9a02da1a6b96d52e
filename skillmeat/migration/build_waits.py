"""Say for whom an index that is built concurrently waits: PostgreSQL waits in silence."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from skillmeat.database.connection import connect
from skillmeat.database.query import fetch_scalar
from skillmeat.errors import SkillMeatError
from skillmeat.migration.environment import Report

SECONDS_BETWEEN_LOOKS: Final = 1.0
HOLDERS: Final = """
    select format(
        'building %%s is %%s: %%s',
        p.index_relid::regclass,
        p.phase,
        string_agg(
            format(
                'process %%s (%%s)', s.pid,
                concat_ws(
                    ', ',
                    'user ' || s.usename,
                    nullif(s.application_name, ''),
                    'a transaction since ' || date_trunc('second', s.xact_start)
                )
            ),
            '; ' order by s.pid
        )
    )
    from pg_stat_progress_create_index as p
    cross join unnest(pg_blocking_pids(p.pid)) as holder (pid)
    inner join pg_stat_activity as s on s.pid = holder.pid
    where p.pid = %(pid)s
    group by p.pid, p.index_relid, p.phase
"""


@contextmanager
def watch_builds(pid: int, *, url: str | None, schema: str, report: Report) -> Iterator[None]:
    """Report, while the block runs, each wait of an index build of the process `pid`.

    A second connection looks once a second; without one, nothing is reported.
    """
    stopping = threading.Event()

    def watch() -> None:
        reported = None
        if stopping.wait(SECONDS_BETWEEN_LOOKS):
            return
        with suppress(SkillMeatError), connect(url, schema=schema, autocommit=True) as conn:
            while not stopping.wait(SECONDS_BETWEEN_LOOKS):
                line = fetch_scalar(conn, HOLDERS, {"pid": pid})
                if line and line != reported:
                    report(line)
                    reported = line

    watcher = threading.Thread(target=watch, name="build waits", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        stopping.set()
        watcher.join()
