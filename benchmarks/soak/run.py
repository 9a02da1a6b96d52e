"""The run of a soak, from start to end."""

import time
from contextlib import ExitStack
from threading import Event, Thread

import psycopg
from psycopg import Connection
from rich.console import Console
from rich.progress import Progress

from benchmarks.soak.dataset import fill_catalogue
from benchmarks.soak.faults import Faults
from benchmarks.soak.intervals import IntervalRecorder
from benchmarks.soak.options import Options
from benchmarks.soak.readers import check_everything, check_sample, measure_blocks, read_page
from benchmarks.soak.report import SoakResult, render_interval
from benchmarks.soak.server import start_server
from benchmarks.soak.sessions import (
    SECONDS_BEFORE_NEXT_TRY,
    RefresherProcess,
    Soak,
    SoakStats,
    Turn,
    open_session,
    take_turns,
)
from benchmarks.soak.writers import write_transaction
from skillmeat import migration
from skillmeat.errors import SkillMeatError

COSTS_A_SECOND = 1.0
CHECKS_A_SECOND = 20.0


def run_soak(options: Options, console: Console) -> SoakResult:
    """Run a soak, print every interval, and return the result."""
    with start_server(fsync=options.fsync) as server:
        console.print(f"filling a catalogue of {options.artifacts:,} artifacts")
        migration.upgrade(url=server.url)
        soak = Soak(options, server, SoakStats(), Event(), time.monotonic())
        with open_session(soak, "monitor") as conn:
            fill_catalogue(conn, options)
            version = conn.info.parameter_status("server_version") or "?"
        soak = Soak(options, server, soak.stats, soak.stop, time.monotonic())
        intervals = _run_sessions(soak, console)
        seconds = soak.seconds
        with open_session(soak, "monitor") as conn:
            check_everything(soak, conn)
        durable = "fsync on" if server.root is None or options.fsync else "fsync off"
        return SoakResult(
            f"PostgreSQL {version}, {durable}", options, seconds, soak.stats, intervals.intervals
        )


def _run_sessions(soak: Soak, console: Console) -> IntervalRecorder:
    refresher = RefresherProcess(soak)
    work = [Thread(target=refresher.run, name="refresher")]
    if soak.options.faults:
        work.append(Thread(target=Faults(soak, refresher).run, name="faults"))
    work += [
        Thread(target=take_turns, args=(soak, name, turn), kwargs={"per_second": rate}, name=name)
        for name, turn, rate in _sessions(soak.options)
    ]
    recorder = IntervalRecorder(soak)
    with open_session(soak, "monitor") as conn:
        recorder.begin(conn)
    with ExitStack() as stack:
        for each in work:
            stack.callback(each.join)
            each.start()
        stack.callback(refresher.end)
        stack.callback(soak.stop.set)
        _watch(soak, recorder, console)
    return recorder


def _sessions(options: Options) -> list[tuple[str, Turn, float]]:
    return [
        *(
            (f"writer {n}", write_transaction, options.rate / options.writers)
            for n in range(options.writers)
        ),
        *(
            (f"reader {n}", read_page, options.pages / options.readers)
            for n in range(options.readers)
        ),
        ("checker", check_sample, CHECKS_A_SECOND),
        ("page costs", measure_blocks, COSTS_A_SECOND),
    ]


def _watch(soak: Soak, recorder: IntervalRecorder, console: Console) -> None:
    """Measure intervals until the time is over."""
    conn: Connection | None = None
    options = soak.options
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("soaking", total=options.seconds)
        due: float | None = options.interval
        while due is not None:
            time.sleep(max(0.0, min(due, options.seconds) - soak.seconds))
            # Read the time before measuring: the last measurement must be made after the end.
            is_last = soak.seconds >= options.seconds
            try:
                conn = conn if conn and not conn.closed else open_session(soak, "monitor")
                told = render_interval(recorder.measure(conn), soak.stats)
            except (psycopg.Error, SkillMeatError):
                # The server has just crashed: wait until it is back.
                time.sleep(SECONDS_BEFORE_NEXT_TRY)
                continue
            progress.update(task, completed=soak.seconds)
            progress.console.print(told, highlight=False, soft_wrap=True)
            due = None if is_last else soak.seconds + options.interval
    if conn is not None:
        conn.close()
