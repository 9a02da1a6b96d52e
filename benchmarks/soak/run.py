"""A soak from its beginning to its end."""

import time
from contextlib import ExitStack
from threading import Event, Thread

import psycopg
from psycopg import Connection
from rich.console import Console
from rich.progress import Progress

from benchmarks.soak.dataset import fill
from benchmarks.soak.faults import Faults
from benchmarks.soak.gauge import gauge
from benchmarks.soak.host import soaked
from benchmarks.soak.options import Options
from benchmarks.soak.readers import read
from benchmarks.soak.refresher import Refreshing
from benchmarks.soak.report import Run, line
from benchmarks.soak.series import Series
from benchmarks.soak.sessions import SECONDS_BEFORE_NEXT_TRY, Soak, Turn, connected, take_turns
from benchmarks.soak.tally import Tally
from benchmarks.soak.watcher import look, look_at_everything
from benchmarks.soak.writers import write
from skillmeat import migration
from skillmeat.errors import SkillMeatError

GAUGES_A_SECOND = 1.0
LOOKS_A_SECOND = 20.0


def run(options: Options, console: Console) -> Run:
    """Soak a server of its own, and tell of every interval."""
    with soaked(fsync=options.fsync) as host:
        console.print(f"filling a catalogue of {options.artifacts:,} artifacts")
        migration.up(url=host.url)
        soak = Soak(options, host, Tally(), Event(), time.monotonic())
        with connected(soak, "monitor") as conn:
            fill(conn, options)
            version = conn.info.parameter_status("server_version") or "?"
        soak = Soak(options, host, soak.tally, soak.stop, time.monotonic())
        intervals = _everybody(soak, console)
        seconds = soak.seconds
        with connected(soak, "monitor") as conn:
            look_at_everything(soak, conn)
        durable = "fsync on" if host.root is None or options.fsync else "fsync off"
        return Run(
            f"PostgreSQL {version}, {durable}", options, seconds, soak.tally, intervals.intervals
        )


def _everybody(soak: Soak, console: Console) -> Series:
    refreshing = Refreshing(soak)
    work = [Thread(target=refreshing.run, name="refresher")]
    if soak.options.faults:
        work.append(Thread(target=Faults(soak, refreshing).run, name="faults"))
    work += [
        Thread(target=take_turns, args=(soak, who, turn), kwargs={"per_second": rate}, name=who)
        for who, turn, rate in _sessions(soak.options)
    ]
    series = Series(soak)
    with connected(soak, "monitor") as conn:
        series.begin(conn)
    with ExitStack() as stack:
        for each in work:
            stack.callback(each.join)
            each.start()
        stack.callback(refreshing.end)
        stack.callback(soak.stop.set)
        _watch(soak, series, console)
    return series


def _sessions(options: Options) -> list[tuple[str, Turn, float]]:
    return [
        *((f"writer {n}", write, options.rate / options.writers) for n in range(options.writers)),
        *((f"reader {n}", read, options.pages / options.readers) for n in range(options.readers)),
        ("watcher", look, LOOKS_A_SECOND),
        ("gauge", gauge, GAUGES_A_SECOND),
    ]


def _watch(soak: Soak, series: Series, console: Console) -> None:
    """Measure until the time is over."""
    conn: Connection | None = None
    options = soak.options
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("soaking", total=options.seconds)
        due: float | None = options.interval
        while due is not None:
            time.sleep(max(0.0, min(due, options.seconds) - soak.seconds))
            # Asked before it is measured: the last measurement is made when the time is over.
            is_last = soak.seconds >= options.seconds
            try:
                conn = conn if conn and not conn.closed else connected(soak, "monitor")
                told = line(series.measure(conn), soak.tally)
            except (psycopg.Error, SkillMeatError):
                # It waits for a server that has just crashed, and until it is there again.
                time.sleep(SECONDS_BEFORE_NEXT_TRY)
                continue
            progress.update(task, completed=soak.seconds)
            progress.console.print(told, highlight=False, soft_wrap=True)
            due = None if is_last else soak.seconds + options.interval
    if conn is not None:
        conn.close()
