"""What counting costs a writer: `python -m benchmarks.write_path`, two to three minutes.

Three catalogues side by side on one durable server: without counting triggers, with the textbook
one (a row trigger that updates the parent), and ours. They take turns within every round, so that
only ratios count, and the median ratio is printed with the least and the largest.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import Connection, sql
from rich.console import Console
from rich.progress import track
from rich.table import Table

from skillmeat import connect, migration, server

ARTIFACTS = 200_000
COLLECTIONS = 2_000
VARIANTS = ("uncounted", "textbook", "ours")

TEXTBOOK = """
    create function collections_count_textbook()
        returns trigger
        language plpgsql
        set search_path from current
    as $$
    begin
        if tg_op = 'INSERT' then
            update collections set artifact_count = artifact_count + 1 where id = new.collection_id;
        else
            update collections set artifact_count = artifact_count - 1 where id = old.collection_id;
        end if;
        return null;
    end;
    $$;

    create trigger collections_count_textbook
        after insert or delete on collection_artifacts
        for each row execute function collections_count_textbook();
"""

FILL = f"""
    create sequence next_artifact;
    insert into collections (id, name) values ('default', 'default');
    insert into collections (id, name)
    select 'c' || i, 'collection ' || i from generate_series(1, {COLLECTIONS}) as i;
    insert into artifacts (type, name)
    select 'skill', 'a' || i from generate_series(1, {ARTIFACTS}) as i;
"""  # noqa: S608 - our own constants

ONE = f"""
    insert into collection_artifacts (collection_id, artifact_id)
    select 'c' || 1 + n % {COLLECTIONS}, 'skill:a' || 1 + n * 7 % {ARTIFACTS}
    from (select nextval('next_artifact')) as s (n)
    on conflict do nothing
"""  # noqa: S608 - our own constants

BULK = f"""
    insert into collection_artifacts (collection_id, artifact_id)
    select 'c' || 1 + i % {COLLECTIONS}, 'skill:a' || i from generate_series(1, {ARTIFACTS}) as i
"""  # noqa: S608 - our own constants

# pgbench takes a colon for the start of a variable.
HOT = """
    insert into {schema}.collection_artifacts (collection_id, artifact_id)
    select 'default', 'skill' || chr(58) || 'a' || nextval('{schema}.next_artifact')
    on conflict do nothing;
"""


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one round took or reached with each variant."""

    name: str
    unit: str
    rounds: list[dict[str, float]]


def main() -> None:
    """Measure, print, and leave nothing behind."""
    with tempfile.TemporaryDirectory(prefix="skillmeat-bench-") as folder, _server(folder) as url:
        sessions = {variant: _prepare(url, variant) for variant in VARIANTS}
        try:
            measurements = [
                Measurement("one membership, one client", "µs", _one_membership(sessions)),
                Measurement(f"{ARTIFACTS:,} memberships at once", "s", _bulk(sessions)),
                Measurement("one hot collection, 16 clients", "/s", _hot(url, sessions)),
            ]
        finally:
            for session in sessions.values():
                session.close()
    _print(measurements)


@contextmanager
def _server(folder: str) -> Iterator[str]:
    given = os.environ.get("SKILLMEAT_BENCH_DATABASE_URL")
    if given:
        yield given
        return
    root = Path(folder) / "server"
    try:
        yield server.start(root)
    finally:
        server.stop(root)


def _prepare(url: str, variant: str) -> Connection:
    migration.up(url=url, schema=variant)
    session = connect(url, schema=variant, autocommit=True)
    if variant != "ours":
        for event in ("insert", "update", "delete", "truncate"):
            session.execute(
                sql.SQL("drop trigger {} on collection_artifacts").format(
                    sql.Identifier(f"collection_artifacts_are_counted_on_{event}")
                )
            )
    if variant == "textbook":
        session.execute(TEXTBOOK)
    session.execute(FILL)
    session.execute("vacuum analyze")
    return session


def _one_membership(sessions: dict[str, Connection]) -> list[dict[str, float]]:
    def hundred(session: Connection) -> float:
        started = time.perf_counter()
        for _ in range(100):
            session.execute(ONE, prepare=True)
        return (time.perf_counter() - started) * 1e4

    return _in_turn("one membership", 40, sessions, hundred)


def _bulk(sessions: dict[str, Connection]) -> list[dict[str, float]]:
    def once(session: Connection) -> float:
        session.execute("truncate collection_artifacts cascade")
        session.execute("checkpoint")
        started = time.perf_counter()
        session.execute(BULK)
        return time.perf_counter() - started

    # The textbook trigger takes minutes here, so it sits out.
    counted = {name: session for name, session in sessions.items() if name != "textbook"}
    return _in_turn("bulk", 5, counted, once)


def _hot(url: str, sessions: dict[str, Connection]) -> list[dict[str, float]]:
    pgbench = server.find_binaries() / "pgbench"

    def throughput(session: Connection) -> float:
        schema = session.execute("select current_schema()").fetchone()
        assert schema is not None  # noqa: S101 - the statement always returns a row
        session.execute("truncate collection_artifacts cascade")
        session.execute("select setval('next_artifact', 1)")
        session.execute("checkpoint")
        with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
            script.write(HOT.format(schema=schema[0]))
            script.flush()
            printed = subprocess.run(
                [pgbench, "-n", "-M", "prepared", "-c16", "-j2", "-T3", "-f", script.name, url],
                check=True,
                capture_output=True,
                text=True,
            ).stdout
        return next(
            float(line.split()[2]) for line in printed.splitlines() if line.startswith("tps")
        )

    return _in_turn("hot collection", 5, sessions, throughput)


def _in_turn(
    what: str, rounds: int, sessions: dict[str, Connection], measure: Callable[[Connection], float]
) -> list[dict[str, float]]:
    console = Console(stderr=True)
    return [
        {variant: measure(session) for variant, session in sessions.items()}
        for _ in track(range(rounds), what, console=console, transient=True)
    ]


def _print(measurements: list[Measurement]) -> None:
    table = Table(title=f"Python {sys.version.split()[0]}, psycopg {psycopg.__version__}")
    table.add_column("measured")
    for variant in VARIANTS:
        table.add_column(variant, justify="right")
    table.add_column("ours / uncounted", justify="right")
    table.add_column("ours / textbook", justify="right")
    for each in measurements:
        table.add_row(
            each.name,
            *(_median(each, variant) for variant in VARIANTS),
            _ratio(each, "uncounted"),
            _ratio(each, "textbook"),
        )
    Console(width=140).print(table)


def _median(measured: Measurement, variant: str) -> str:
    values = [found[variant] for found in measured.rounds if variant in found]
    return f"{statistics.median(values):,.4g} {measured.unit}" if values else "-"


def _ratio(measured: Measurement, to: str) -> str:
    ratios = [found["ours"] / found[to] for found in measured.rounds if to in found]
    if not ratios:
        return "-"
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


if __name__ == "__main__":
    main()
